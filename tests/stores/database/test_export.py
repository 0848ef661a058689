import time
from typing import Any

import pytest
from tests.stores.findings import catalogued, entity_of, found_in, make_note

from hctap_core.entities import Entity
from hctap_core.runs import Part, Pipeline
from hctap_stores.database import catalogue, plan, results, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.export import read_entities, read_notes
from hctap_stores.database.rows import render_rows

CODES = [
    {
        "system": "ICD-10-CM",
        "code": "R50.9",
        "display": "Fever, unspecified",
        "score": 1.0,
        "release": "2026",
    },
    {"system": "HPO", "code": "HP:0001945", "display": "Fieber – ü 😀", "score": 0.25, "release": ""},
]
ATTRIBUTES = [
    {"type": "VALUE", "text": "39.5", "begin": 6, "end": 10, "norm": None},
    {"type": "UNIT", "text": "°C", "begin": 11, "end": 13, "norm": "Cel"},
]
CUES = [{"attribute": "negated", "text": "", "begin": 0, "end": 0, "rule": "section"}]
PROVENANCE = {"extractor": "rules", "version": "1", "method": "rule", "source": "t", "cues": CUES}


@pytest.fixture
def written(database: Database) -> list[dict[str, Any]]:
    """The records that a run found, as they stand in its part."""
    texts = {"b": "Fever 39.5 °C \\N\ttab", "a": "Cough", "c": "Fever 39.5 °C \\N\ttab", "é": "Nothing"}
    catalogue.record(database, [catalogued(make_note(note_id, text)) for note_id, text in texts.items()])
    run_no = runs.create_run(database, "R", Pipeline(extractor="r", extractor_version="1", code_version="1")).run_no
    plan.write_plan(database, run_no)
    notes = {note.note_id: note for note in results.begin_shard(database, run_no, 0)}
    rich = entity_of(notes["b"], "R", 0, 5, codes=CODES, attributes=ATTRIBUTES, provenance=PROVENANCE, score=0.8)
    odd = entity_of(notes["b"], "R", 14, 20)
    plain = entity_of(notes["a"], "R", 0, 5)
    found = [found_in(notes["a"], [plain]), found_in(notes["b"], [rich, odd]), found_in(notes["é"], [])]
    results.commit_shard(
        database, run_no, 0, Part(key="k", sha256="s", rows=3, bytes=1), render_rows(run_no, found), time.monotonic_ns()
    )
    return [plain, rich, odd]


def test_the_exported_records_are_those_of_the_parts(database: Database, written: list[dict[str, Any]]) -> None:
    exported = list(read_entities(database, 1, "R"))
    assert exported == written
    assert [repr(record["score"]) for record in exported] == ["1.0", "0.8", "1.0"]
    assert repr(exported[1]["codes"][0]["score"]) == "1.0"
    for record in exported:
        Entity.model_validate(record)


def test_findings_of_single_notes_resolve_duplicates(database: Database, written: list[dict[str, Any]]) -> None:
    found = read_notes(database, 1, "R", ["c", "a", "é", "unknown"])
    assert set(found) == {"a", "c", "é"}
    assert found["a"].entities == written[:1]
    assert found["c"].entities == [record | {"note_id": "c"} for record in written[1:]]
    assert found["c"].sections == [{"begin": 0, "end": 20, "header": "PLAN:", "type": "plan"}]
    assert found["é"].entities == []


def test_an_abandoned_export_leaves_the_session_usable(database: Database, written: list[dict[str, Any]]) -> None:
    export = read_entities(database, 1, "R")
    assert next(export) == written[0]
    del export
    assert len(list(read_entities(database, 1, "R"))) == 3
