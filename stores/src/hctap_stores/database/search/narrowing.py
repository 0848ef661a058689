"""Which notes can have what is searched for: known from what was counted in each, without a look at the entities.

A search for what is rare read all 2.6 million entities of a run (0.5 to 2 s); their notes have 275,000 counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hctap_core.searches import EntityFilter
from hctap_core.sections import SectionType
from hctap_stores.database.rows import ASSERTIONS
from hctap_stores.database.search.conditions import Conditions

# What holds of a note as a whole.
_NOTE_CLAUSES: Final = ("note", "specialties")


@dataclass(frozen=True, slots=True)
class PossibleNotes:
    """What holds of notes that can have such an entity.

    `notes` are clauses on their numbers, `counts` clauses on rows `k` of `entity_counts`; `has_section` says that they
    have one of the sections asked for. `weight` is what a row says of how many such entities its note has at most,
    `is_exact` that it has so many, `rest` what an entity must fulfil itself.
    """

    notes: Sequence[str]
    counts: Sequence[str]
    has_section: bool
    weight: str
    is_exact: bool
    rest: Sequence[str]

    @property
    def is_any(self) -> bool:
        """Whether each of these notes can have one, whatever was counted in it."""
        return not self.counts and not self.has_section


def narrow_notes(asked: EntityFilter, conditions: Conditions) -> PossibleNotes:
    """The notes that can have an entity that fulfils the conditions."""
    clauses = conditions.clauses
    counts = [clauses["types"].replace("e.entity_type", "k.entity_type")] if "types" in clauses else []
    columns, is_count_exact = _count_columns(asked)
    counts += [f"{column} > 0" for column in columns]
    rest = {name: clause for name, clause in clauses.items() if name not in {"run", "state", *_NOTE_CLAUSES}}
    return PossibleNotes(
        notes=[clauses[name].replace("e.note_no", "k.note_no") for name in _NOTE_CLAUSES if name in clauses],
        counts=counts,
        # What stands before the first heading is in no section that was written down.
        has_section=asked.sections is not None and SectionType.UNKNOWN not in asked.sections,
        weight=f"least({', '.join(columns)})" if columns else "k.entities",
        is_exact=is_count_exact and not rest.keys() - {"types", *ASSERTIONS},
        rest=list(rest.values()),
    )


def _count_columns(asked: EntityFilter) -> tuple[list[str], bool]:
    """What was counted of assertions like these, and whether that is just how many entities have them."""
    said = [getattr(asked.assertion, name) for name in ASSERTIONS]
    wanted = [f"k.{name}" for name, value in zip(ASSERTIONS, said, strict=True) if value]
    open_ones = said.count(None)
    if wanted:
        return wanted, len(wanted) == 1 and open_ones == len(said) - 1
    if said.count(False) == len(said):
        return ["k.affirmed"], True
    return [], open_ones == len(said)
