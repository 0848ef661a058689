import time
from typing import Any

import pytest
from tests.stores.findings import catalogued, entity_of, found_in, make_note

from hctap_core.entities import Entity
from hctap_core.runs import Part, Pipeline
from hctap_stores.database import catalogue, plan, results, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.documents import count_documents, read_documents
from hctap_stores.database.rows import render_rows

CODES = [{"system": "HPO", "code": "HP:0001945", "display": "Fieber – ü 😀", "score": 1.0, "release": ""}]
ATTRIBUTES = [{"type": "VALUE", "text": "39.5", "begin": 6, "end": 10, "norm": None}]


@pytest.fixture
def written(database: Database) -> list[dict[str, Any]]:
    notes = {
        "b": make_note("b", "Fever 39.5 °C", patient_id="p2", note_type="consult"),
        "a": make_note("a", "Cough", patient_id="p1"),
        "c": make_note("c", "Fever 39.5 °C"),
        "é": make_note("é", "Nothing", patient_id="p2"),
    }
    objects = [catalogued(note) for note in notes.values()]
    # The same note once more at the bucket's root, as HC-TAP laid it.
    objects.append(catalogued(notes["a"], "a.json"))
    catalogue.record(database, objects)
    run_no = runs.create_run(database, "R", Pipeline(extractor="r", extractor_version="1", code_version="1")).run_no
    plan.write_plan(database, run_no)
    ledger = {note.note_id: note for note in results.begin_shard(database, run_no, 0)}
    rich = entity_of(ledger["b"], "R", 0, 5, codes=CODES, attributes=ATTRIBUTES, score=0.8)
    plain = entity_of(ledger["a"], "R", 0, 5)
    found = [found_in(ledger["a"], [plain]), found_in(ledger["b"], [rich]), found_in(ledger["é"], [])]
    results.commit_shard(
        database, run_no, 0, Part(key="k", sha256="s", rows=2, bytes=1), render_rows(run_no, found), time.monotonic_ns()
    )
    return [plain, rich]


def test_every_note_once_with_all_that_was_found(database: Database, written: list[dict[str, Any]]) -> None:
    documents = list(read_documents(database, 1, "R"))
    assert [document.note_id for document in documents] == ["a", "b", "c", "é"]
    a, b, c, last = documents
    assert (list(a.entities), list(b.entities)) == (written[:1], written[1:])
    assert list(c.entities) == [written[1] | {"note_id": "c"}]
    assert [document.duplicate_of for document in documents] == [None, None, "b", None]
    assert [document.patient_no for document in documents] == [1, 2, 0, 2]
    assert (b.text, b.note_type, b.object_key, b.specialty) == (
        "Fever 39.5 °C",
        "consult",
        "notes/b.json",
        "Cardiology",
    )
    assert b.sections == [{"begin": 0, "end": 13, "header": "PLAN:", "type": "plan"}]
    assert last.entities == []
    for document in documents:
        for entity in document.entities:
            read = Entity.model_validate(entity)
            assert document.text[read.begin : read.end] == read.text


@pytest.mark.usefixtures("written")
def test_only_the_notes_that_are_asked_for(database: Database) -> None:
    asked = ["é", "c", "unknown"]
    assert [document.note_id for document in read_documents(database, 1, "R", asked)] == ["c", "é"]
    assert [count_documents(database, 1, ids) for ids in (None, asked, [])] == [4, 2, 0]
    assert list(read_documents(database, 1, "R", [])) == []


@pytest.mark.usefixtures("written")
def test_pages_join_without_a_seam(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(read_documents(database, 1, "R"))
    monkeypatch.setattr("hctap_stores.database.documents._PAGE", 1)
    assert list(read_documents(database, 1, "R")) == whole
