"""The UMLS Metathesaurus: `MRCONSO.RRF`, with types from `MRSTY.RRF` where it is given.

Format: https://www.ncbi.nlm.nih.gov/books/NBK9685/. Both files are sorted by CUI, so they are read side by side and
no more than one concept is held at a time.
"""

from collections.abc import Iterator
from itertools import groupby

from hctap_core.entities import EntityType
from hctap_core.errors import UnsupportedInput
from hctap_nlp.vocabulary.imports.kinds import Part
from hctap_nlp.vocabulary.imports.reading import Reading, Rows
from hctap_nlp.vocabulary.rows import CodeRow, Row

_LICENCE = "UMLS Metathesaurus licence, yours"
_CUI, _LAT, _TS, _STT, _ISPREF, _SAB, _CODE, _STR, _SUPPRESS = 0, 1, 2, 4, 6, 11, 13, 14, 16
_FIELDS, _STY_FIELDS = 18, 6
_SYSTEM_OF_SAB = {
    "ICD10CM": "ICD-10-CM",
    "RXNORM": "RXNORM",
    "LNC": "LOINC",
    "SNOMEDCT_US": "SNOMED-CT",
    "HPO": "HPO",
    "MSH": "MESH",
    "DRUGBANK": "DRUGBANK",
}
_TYPE_OF_TUI = {
    **dict.fromkeys(
        ("T019", "T020", "T033", "T037", "T046", "T047", "T048", "T049", "T050", "T184", "T190", "T191"),
        EntityType.PROBLEM,
    ),
    **dict.fromkeys(("T121", "T195", "T200", "T125", "T127", "T129"), EntityType.MEDICATION),
    **dict.fromkeys(("T034", "T059", "T060", "T201"), EntityType.TEST),
    "T061": EntityType.PROCEDURE,
    **dict.fromkeys(("T017", "T022", "T023", "T024", "T029", "T030"), EntityType.ANATOMY),
}
_UNSORTED = "is not sorted by CUI"


def read_umls(reading: Reading) -> Rows:
    """A row for each concept with English names that are not suppressed, and whose semantic type is of use."""
    reading.state_licence(_LICENCE)
    reading.state_release(reading.release_in_names())
    types = _Types(reading) if Part.TYPES in reading.files else None
    default = reading.type if types else reading.require_type()
    last = ""
    for cui, lines in groupby(reading.fields(Part.NAMES, "|", _FIELDS), key=lambda fields: fields[_CUI]):
        if cui < last:
            raise _unsorted("MRCONSO")
        last = cui
        rows = [fields for fields in lines if _is_used(fields, reading)]
        entity_type = (types.of(cui) or default) if types else default
        if rows and entity_type is None:
            reading.left_out["semantic type of no use"] += len(rows)
        elif rows and entity_type is not None:
            yield _row(cui, entity_type, rows, reading)


def _is_used(fields: list[str], reading: Reading) -> bool:
    if fields[_LAT] != "ENG":
        reading.left_out["not English"] += 1
    elif fields[_SUPPRESS] != "N":
        reading.left_out["suppressed"] += 1
    else:
        return True
    return False


def _row(cui: str, entity_type: EntityType, rows: list[list[str]], reading: Reading) -> Row:
    preferred = next((f[_STR] for f in rows if (f[_TS], f[_STT], f[_ISPREF]) == ("P", "PF", "Y")), rows[0][_STR])
    codes = {"UMLS": CodeRow("UMLS", cui, preferred, reading.release)}
    for fields in rows:
        if system := _SYSTEM_OF_SAB.get(fields[_SAB]):
            codes.setdefault(system, CodeRow(system, fields[_CODE], fields[_STR], reading.release))
    forms = tuple(dict.fromkeys((preferred, *(fields[_STR] for fields in rows))))
    return Row(entity_type, preferred, forms, reading.source, tuple(codes.values()))


class _Types:
    """The types of concepts that are asked for in order."""

    def __init__(self, reading: Reading) -> None:
        self._pairs = self._read(reading)
        self._next = next(self._pairs, None)

    @staticmethod
    def _read(reading: Reading) -> Iterator[tuple[str, EntityType | None]]:
        last = ""
        for fields in reading.fields(Part.TYPES, "|", _STY_FIELDS):
            if fields[0] < last:
                raise _unsorted("MRSTY")
            last = fields[0]
            yield fields[0], _TYPE_OF_TUI.get(fields[1])

    def of(self, cui: str) -> EntityType | None:
        found = None
        while self._next is not None and self._next[0] <= cui:
            if self._next[0] == cui:
                found = found or self._next[1]
            self._next = next(self._pairs, None)
        return found


def _unsorted(name: str) -> UnsupportedInput:
    return UnsupportedInput(f"{name}.RRF {_UNSORTED}.", remedy="Sort it: `LC_ALL=C sort -o FILE FILE`.")
