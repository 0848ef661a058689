"""What became of the records of an import, counted."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hctap_core.phi import PhiKind
from hctap_core.reasons import QuarantineReason


class Fate(StrEnum):
    """What became of a record."""

    NEW = "new"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    QUARANTINED = "quarantined"


@dataclass(slots=True)
class IntakeCounts:
    """What became of the records; `duplicate_texts` are notes whose text another note of the import has too.

    `phi` counts identifiers of persons in distinct texts by their kind, `phi_notes` the texts that have any.
    """

    read: int = 0
    by_fate: Counter[Fate] = field(default_factory=Counter)
    by_reason: Counter[QuarantineReason] = field(default_factory=Counter)
    duplicate_texts: int = 0
    phi: Counter[PhiKind] = field(default_factory=Counter)
    phi_notes: int = 0

    def to_record(self) -> dict[str, Any]:
        """The counts as they are stored."""
        fates = {fate.value: self.by_fate[fate] for fate in Fate}
        reasons = {reason.value: count for reason, count in sorted(self.by_reason.items())}
        phi = {kind.value: count for kind, count in sorted(self.phi.items())}
        return {
            "read": self.read,
            **fates,
            "duplicate_texts": self.duplicate_texts,
            "by_reason": reasons,
            "phi": phi,
            "phi_notes": self.phi_notes,
        }
