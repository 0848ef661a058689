"""LOINC's table (`Loinc.csv`, `LoincTableCore.csv`): tests and measurements by the names that are theirs alone.

Format: https://loinc.org/kb/users-guide/loinc-database-structure/.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from hctap_core.entities import EntityType
from hctap_nlp.vocabulary.imports.files import Advance
from hctap_nlp.vocabulary.imports.kinds import Part
from hctap_nlp.vocabulary.imports.reading import Reading, Rows
from hctap_nlp.vocabulary.rows import CodeRow, Row

_LICENCE = "LOINC licence (https://loinc.org/license/)"
_IN_USE = frozenset({"ACTIVE", "TRIAL"})
_LABORATORY_AND_CLINICAL = frozenset({"", "1", "2"})
_LONGEST_NAME = 80


@dataclass(slots=True)
class _Claims:
    """Who claims a word for itself: the code of the best rank, unless two claim it alike."""

    code: str
    component: str
    rank: int
    is_shared: bool = False


def read_loinc(reading: Reading) -> Rows:
    """A row for each code in use; a bare component or related name goes to the one code that it can mean.

    Of several codes with the same component the one that laboratories report most (COMMON_TEST_RANK) gets the bare
    name; where the table has no ranks, none does. A related name counts where it belongs to one component only.
    """
    reading.state_licence(_LICENCE)
    # Two passes: a name's owner is known only when all rows are seen.
    components: dict[str, _Claims] = {}
    related: dict[str, str | None] = {}
    latest = ""
    for record in _records(reading, None):
        latest = max(latest, record.get("VersionLastChanged") or "", key=_version)
        if _reason_against(record) is None:
            _claim(components, record)
            for name in (record.get("RELATEDNAMES2") or "").split(";"):
                if word := name.strip().lower():
                    component = record["COMPONENT"]
                    related[word] = component if related.get(word, component) == component else None
    reading.state_release(latest)
    for record in _records(reading, reading.advance):
        if (reason := _reason_against(record)) is not None:
            reading.left_out[reason] += 1
            continue
        forms = _forms_of(record, components, related)
        if forms:
            name = record.get("LONG_COMMON_NAME") or record["COMPONENT"]
            code = CodeRow("LOINC", record["LOINC_NUM"], name, reading.release)
            yield Row(EntityType.TEST, name, forms, reading.source, (code,))


def _records(reading: Reading, advance: Advance | None) -> Iterator[dict[str, str]]:
    for file in reading.files.get(Part.NAMES, ()):
        for record in csv.DictReader(file.lines(advance)):
            if record.get("LOINC_NUM") and record.get("COMPONENT"):
                yield record


def _reason_against(record: dict[str, str]) -> str | None:
    if record.get("STATUS") not in _IN_USE:
        return f"status {(record.get('STATUS') or 'missing').lower()}"
    return None if (record.get("CLASSTYPE") or "") in _LABORATORY_AND_CLINICAL else "no test (CLASSTYPE 3 or 4)"


def _version(said: str) -> tuple[int, ...]:
    return tuple(int(part) for part in said.split(".") if part.isdigit())


def _claim(components: dict[str, _Claims], record: dict[str, str]) -> None:
    component, rank = record["COMPONENT"], int(record.get("COMMON_TEST_RANK") or 0)
    mine = _Claims(record["LOINC_NUM"], component, rank)
    first = components.setdefault(component.lower(), mine)
    if first is mine:
        return
    if rank and (not first.rank or rank < first.rank):
        components[component.lower()] = mine
    elif not first.rank or rank == first.rank:
        first.is_shared = True


def _forms_of(
    record: dict[str, str], components: dict[str, _Claims], related: dict[str, str | None]
) -> tuple[str, ...]:
    own = [record.get(column) or "" for column in ("LONG_COMMON_NAME", "SHORTNAME", "DisplayName")]
    claim = components[record["COMPONENT"].lower()]
    if claim.code == record["LOINC_NUM"] and not claim.is_shared:
        own.append(record["COMPONENT"])
        names = [name.strip() for name in (record.get("RELATEDNAMES2") or "").split(";")]
        own += [name for name in names if related.get(name.lower()) == record["COMPONENT"]]
    return tuple(dict.fromkeys(name for name in own if name and len(name) <= _LONGEST_NAME))
