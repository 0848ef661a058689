"""What many notes say, counted: types and assertions, problems with their codes, medications with their regimens."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hctap_cli.outputs.rows import REGIMEN, regimen_of
from hctap_core.entities import EntityType
from hctap_core.evaluation import ASSERTIONS

Record = Mapping[str, Any]
_ICD: Final = "ICD-10-CM"


@dataclass(slots=True)
class Mentions:
    """How often something is said, in how many notes, and how it is asserted; `present`: in none of the five ways."""

    name: str
    code: str = ""
    display: str = ""
    mentions: int = 0
    notes: int = 0
    present: int = 0
    notes_present: int = 0
    asserted: Counter[str] = field(default_factory=Counter)
    _last: str | None = None
    _last_present: str | None = None

    def add(self, note_id: str, assertion: Mapping[str, bool]) -> None:
        """Count one more mention; the mentions of a note come one after the other."""
        self.mentions += 1
        if self._last != note_id:
            self._last, self.notes = note_id, self.notes + 1
        self.asserted.update(name for name in ASSERTIONS if assertion[name])
        if not any(assertion[name] for name in ASSERTIONS):
            self.present += 1
            if self._last_present != note_id:
                self._last_present, self.notes_present = note_id, self.notes_present + 1


class Tally:
    """Counts what is found, note by note."""

    def __init__(self) -> None:
        self.notes = self.entities = 0
        self.by_type: dict[str, Mentions] = {kind.value: Mentions(kind.value) for kind in EntityType}
        self.problems: dict[tuple[str, str], Mentions] = {}
        self.drugs: dict[str, Mentions] = {}
        self.regimens: dict[tuple[str, ...], Mentions] = {}

    def add(self, note_id: str, entities: Sequence[Record]) -> None:
        """Count what one note says."""
        self.notes += 1
        self.entities += len(entities)
        for entity in entities:
            assertion, name = entity["assertion"], entity["norm_text"]
            self.by_type[entity["entity_type"]].add(note_id, assertion)
            if entity["entity_type"] == EntityType.PROBLEM:
                self._add_problem(note_id, entity)
            elif entity["entity_type"] == EntityType.MEDICATION:
                self.drugs.setdefault(name, Mentions(name)).add(note_id, assertion)
                regimen = regimen_of(entity)
                key = (name, *(str(regimen[column] or "") for column in REGIMEN), str(regimen["frequency_norm"] or ""))
                self.regimens.setdefault(key, Mentions(name)).add(note_id, assertion)

    def _add_problem(self, note_id: str, entity: Record) -> None:
        code = next((code for code in entity["codes"] if code["system"] == _ICD), None)
        name, value = entity["norm_text"], code["code"] if code else ""
        entry = Mentions(name, value, code["display"] if code else "")
        self.problems.setdefault((value, name), entry).add(note_id, entity["assertion"])


def by_notes(entry: Mentions) -> tuple[int, int, str, str]:
    """What sorts those in most notes first, then by name."""
    return (-entry.notes, -entry.mentions, entry.name, entry.code)


def by_notes_present(entry: Mentions) -> tuple[int, int, int, str, str]:
    """What sorts those first that are present in most notes, then by name."""
    return (-entry.notes_present, *by_notes(entry))
