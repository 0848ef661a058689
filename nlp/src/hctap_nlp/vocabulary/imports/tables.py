"""Tables of terms: CSV with a column `term`, and `type`, `code`, `system`, `also`, `name`, `release` where wanted."""

import csv
import re

from hctap_core.entities import CodeSystem, EntityType
from hctap_nlp.vocabulary.imports.files import ImportFile
from hctap_nlp.vocabulary.imports.kinds import Part
from hctap_nlp.vocabulary.imports.reading import Reading, Rows
from hctap_nlp.vocabulary.rows import CodeRow, Row

_TYPES = {entity_type.value for entity_type in EntityType}
# How others call the systems.
_SYSTEMS = {re.sub(r"[^A-Z0-9]", "", system.value): system.value for system in CodeSystem} | {
    "ICD10": "ICD-10-CM",
    "SNOMED": "SNOMED-CT",
    "SNOMEDCTUS": "SNOMED-CT",
    "LNC": "LOINC",
    "HP": "HPO",
    "MSH": "MESH",
}


def read_table(reading: Reading) -> Rows:
    """A row for each line; a line without type takes the one that the user says."""
    reading.state_licence("yours")
    for file in reading.files[Part.NAMES]:
        for record in csv.DictReader(file.lines(reading.advance), delimiter=_delimiter(file)):
            fields = {(key or "").strip().lower(): (value or "").strip() for key, value in record.items() if key}
            row = _row(fields, reading)
            if row is not None:
                yield row


def _delimiter(file: ImportFile) -> str:
    first = file.beginning().partition("\n")[0]
    return max(",;\t", key=first.count)


def _row(fields: dict[str, str], reading: Reading) -> Row | None:
    term, said_type = fields.get("term", ""), fields.get("type", "").upper()
    if not any(character.isalpha() for character in term):
        reading.left_out["term without a letter"] += 1
        return None
    if said_type and said_type not in _TYPES:
        reading.left_out["type that is no entity type"] += 1
        return None
    entity_type = EntityType(said_type) if said_type else reading.require_type()
    also = tuple(one.strip() for one in re.split(r"[|;]", fields.get("also", "")) if one.strip())
    name = fields.get("name") or term
    return Row(entity_type, name, (term, *also), reading.source, _codes(fields, name, reading))


def _codes(fields: dict[str, str], name: str, reading: Reading) -> tuple[CodeRow, ...]:
    code = fields.get("code", "")
    system = _SYSTEMS.get(re.sub(r"[^A-Z0-9]", "", fields.get("system", "").upper()))
    if not code:
        return ()
    if system is None:
        reading.left_out["code without a known system (the term is kept)"] += 1
        return ()
    return (CodeRow(system, code, name, fields.get("release", "")),)
