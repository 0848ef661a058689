"""Scores of codes: the share of right codes among those that were given for a like reason, as measured.

`vocabulary/terms/code_scores.yaml` has the shares and says what they were measured on.
"""

from collections.abc import Mapping
from typing import Final

from hctap_core.code_reasons import kind_of
from hctap_nlp.scores import share_of

ANY: Final = "any"


class CodeScores:
    """The share of right codes of a system, by the last step that led to the code."""

    def __init__(self, table: Mapping[str, Mapping[str, Mapping[str, str]]]) -> None:
        self._shares = {
            (kind, system): share_of(said)
            for kind, by_system in table["shares"].items()
            for system, said in by_system.items()
        }
        self._known: dict[tuple[str, str], float] = {}

    def of(self, system: str, reason: str) -> float:
        """The score of a code of this system for this reason; one that was not measured counts as any."""
        kind = kind_of(reason)
        found = self._known.get((system, kind))
        if found is None:
            keys = ((kind, system), (ANY, system), (kind, "ICD-10-CM"), (ANY, "ICD-10-CM"))
            found = self._known[system, kind] = next(self._shares[key] for key in keys if key in self._shares)
        return found
