from typing import Any

import pytest

from hctap_cli.outputs.columns import ATTRIBUTES, ENTITIES, MEDICATIONS, SECTIONS, Layout
from hctap_cli.outputs.rows import attribute_rows, entity_rows, medication_rows, section_rows
from hctap_nlp.extractors import SpanReader

TEXT = "PMH: hypertension.\nDenies chest pain. Lisinopril 10 mg PO prn BID. Mother had gout."


@pytest.fixture(scope="module")
def entities(extractor: SpanReader) -> list[dict[str, Any]]:
    return extractor.extract(TEXT).entity_records("n", "-")


def test_an_entity_has_its_codes_and_its_reasons_in_one_row(entities: list[dict[str, Any]]) -> None:
    rows = {row["text"]: row for row in entity_rows("n", entities)}
    assert rows["hypertension"]["icd_10_cm"] == "I10"
    assert rows["hypertension"]["section"] == "past_medical_history"
    assert rows["chest pain"]["negated"] is True
    assert rows["chest pain"]["cues"] == "negated: Denies (negated.forward:denies)"
    assert rows["gout"]["family"] is True
    assert [row["entity"] for row in rows.values()] == list(range(1, len(rows) + 1))


def test_a_medication_has_its_regimen_in_one_row(entities: list[dict[str, Any]]) -> None:
    (row,) = medication_rows("n", entities)
    assert {name: row[name] for name in ("drug", "strength", "route", "frequency", "frequency_norm", "prn")} == {
        "drug": "lisinopril",
        "strength": "10 mg",
        "route": "oral",
        "frequency": "BID",
        "frequency_norm": "2/d",
        "prn": "prn",
    }
    assert row["dose"] is None


def test_attributes_point_at_their_entity(entities: list[dict[str, Any]]) -> None:
    number = next(row["entity"] for row in medication_rows("n", entities))
    rows = list(attribute_rows("n", entities))
    assert {row["entity"] for row in rows} == {number}
    assert all(TEXT[int(row["begin"] or 0) : int(row["end"] or 0)] == row["text"] for row in rows)


def test_a_section_has_its_loinc_code(extractor: SpanReader) -> None:
    (row,) = section_rows("n", extractor.extract(TEXT).section_records())
    assert (row["header"], row["type"], row["loinc"]) == ("PMH", "past_medical_history", "11348-0")


@pytest.mark.parametrize("layout", [SECTIONS, ENTITIES, ATTRIBUTES, MEDICATIONS], ids=lambda layout: layout.name)
def test_no_row_says_what_has_no_column(layout: Layout, entities: list[dict[str, Any]], extractor: SpanReader) -> None:
    rows = {
        SECTIONS: section_rows("n", extractor.extract(TEXT).section_records()),
        ENTITIES: entity_rows("n", entities),
        ATTRIBUTES: attribute_rows("n", entities),
        MEDICATIONS: medication_rows("n", entities),
    }[layout]
    names = {column.name for column in layout.columns}
    assert all(row.keys() <= names for row in rows)
