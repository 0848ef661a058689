from dataclasses import replace

import pytest
from tests.stores.findings import catalogued, make_note

from hctap_core.orders import RunOrder
from hctap_core.reasons import QuarantineReason
from hctap_core.runs import Pipeline, RunStatus, Selection
from hctap_stores.database import catalogue, orders, plan, runs
from hctap_stores.database.catalogue import CataloguedObject
from hctap_stores.database.connection import Database

PIPELINE = Pipeline(extractor="rules", extractor_version="1", code_version="1")
Row = tuple[str, str, str | None, str | None]


def _plan(database: Database, *objects: CataloguedObject) -> list[Row]:
    catalogue.record(database, objects)
    plan.write_plan(database, runs.create_run(database, "R", PIPELINE).run_no)
    return _ledger(database)


def _ledger(database: Database) -> list[Row]:
    with database.transaction() as connection:
        query = "SELECT object_key, state, duplicate_of, reason FROM run_notes ORDER BY object_key"
        return connection.execute(query).fetchall()


FEVER, COUGH, FEVER_AGAIN = make_note("a", "Fever"), make_note("b", "Cough"), make_note("c", "Fever")


@pytest.mark.parametrize(
    ("objects", "rows"),
    [
        pytest.param([], [], id="an empty lake"),
        pytest.param(
            [catalogued(FEVER), catalogued(COUGH)],
            [("notes/a.json", "pending", None, None), ("notes/b.json", "pending", None, None)],
            id="two notes",
        ),
        pytest.param(
            [catalogued(FEVER_AGAIN), catalogued(FEVER)],
            [("notes/a.json", "pending", None, None), ("notes/c.json", "duplicate", "notes/a.json", None)],
            id="the first by key is extracted for all that have its text",
        ),
        pytest.param(
            [catalogued(FEVER), catalogued(make_note("a", "Cough"), "a.json")],
            [("a.json", "quarantined", None, "duplicate_id"), ("notes/a.json", "pending", None, None)],
            id="the id's own key stands for the note, even if another comes first",
        ),
        pytest.param(
            [catalogued(make_note("a", "Cough"), "notes/x.json"), catalogued(FEVER, "notes/y.json")],
            [("notes/x.json", "pending", None, None), ("notes/y.json", "quarantined", None, "duplicate_id")],
            id="without an own key the first by key stands for the note",
        ),
        pytest.param(
            [catalogued(FEVER), catalogued(FEVER, "a.json")],
            [("a.json", "pending", None, None), ("notes/a.json", "duplicate", "a.json", None)],
            id="the same note in two places is one note",
        ),
        pytest.param(
            [catalogued(FEVER), CataloguedObject("notes/b.json", "e", 3, reason=QuarantineReason.NOT_JSON)],
            [("notes/a.json", "pending", None, None), ("notes/b.json", "quarantined", None, "not_json")],
            id="what is no note is in quarantine",
        ),
    ],
)
def test_every_object_is_answered_for(database: Database, objects: list[CataloguedObject], rows: list[Row]) -> None:
    assert _plan(database, *objects) == rows
    assert runs.find_run(database, "R").run.status is RunStatus.RUNNING


def test_a_note_keeps_its_number_when_it_changes(database: Database) -> None:
    _plan(database, catalogued(FEVER, batch_id="b1"))
    changed = make_note("a", "Cough", patient_id="p", authored_at="2024-05-06T07:08:09+02:00", source="s")
    catalogue.record(database, [catalogued(changed, batch_id="b2")])
    plan.write_plan(database, runs.create_run(database, "R2", PIPELINE).run_no)
    with database.transaction() as connection:
        query = "SELECT note_no, content_sha256, patient_id, authored_at::text, source, batch_id FROM notes"
        found = connection.execute(query).fetchall()
        texts = connection.execute("SELECT text FROM note_texts ORDER BY text").fetchall()
    assert found == [(1, changed.content_sha256, "p", "2024-05-06 05:08:09+00", "s", "b2")]
    assert texts == [("Cough",), ("Fever",)]


def test_a_note_that_did_not_change_is_not_written_again(database: Database) -> None:
    _plan(database, catalogued(FEVER))
    plan.write_plan(database, runs.create_run(database, "R2", PIPELINE).run_no)
    with database.transaction() as connection:
        # Nor locked, which would write it down, too.
        assert connection.execute("SELECT created_at = updated_at, xmax::text FROM notes").fetchall() == [(True, "0")]


@pytest.mark.parametrize(
    ("sizes", "shards"),
    [
        ([1000] * 3, [0, 0, 0]),
        ([plan.MIN_SHARD_BYTES] * 3, [0, 1, 2]),
        ([plan.MIN_SHARD_BYTES // 2] * 5, [0, 0, 1, 1, 2]),
        ([1, 5 * plan.MIN_SHARD_BYTES, 1, 1], [0, 0, 1, 1]),
        ([40 * 1024 * 1024] * 70, list(range(70))),
        (
            [plan.MIN_SHARD_BYTES // 8] * 80,
            [place // 8 for place in range(64)] + [8 + place // 2 for place in range(16)],
        ),
        ([plan.MAX_SHARD_BYTES // 2] * 256, [place // 2 for place in range(252)] + [126, 127, 128, 129]),
    ],
)
def test_shards_are_cut_by_bytes_in_the_order_of_the_keys(
    database: Database, sizes: list[int], shards: list[int]
) -> None:
    notes = [make_note(f"{place:03}", f"text {place}") for place in range(len(sizes))]
    objects = [replace(catalogued(note), bytes=size) for note, size in zip(notes, sizes, strict=True)]
    _plan(database, *reversed(objects))
    with database.transaction() as connection:
        found = connection.execute("SELECT shard FROM run_notes ORDER BY object_key").fetchall()
        states = connection.execute("SELECT shard, state FROM run_shards ORDER BY shard").fetchall()
    assert [shard for (shard,) in found] == shards
    assert states == [(shard, "pending") for shard in sorted(set(shards))]


def test_the_planner_knows_how_many_notes_a_new_run_has(database: Database) -> None:
    catalogue.record(database, [catalogued(make_note(f"n{place:04}", f"Day {place}.")) for place in range(2000)])
    plan.write_plan(database, runs.create_run(database, "R1", PIPELINE).run_no)
    with database.transaction() as connection:
        # As autovacuum does: from here on the first run is all that is known.
        connection.execute("ANALYZE run_notes")
    second = runs.create_run(database, "R2", PIPELINE).run_no
    plan.write_plan(database, second)
    with database.transaction() as connection:
        said = connection.execute("EXPLAIN (FORMAT JSON) SELECT FROM run_notes WHERE run_no = %s", (second,)).fetchone()
    assert said is not None
    assert 1000 < said[0][0]["Plan"]["Plan Rows"] < 4000, "else each shard reads the ledger of the whole run"


@pytest.mark.parametrize(
    ("selection", "keys"),
    [
        ({"specialties": ["Ward"]}, ["notes/b.json", "notes/c.json"]),
        ({"limit": 1}, ["notes/a.json"]),
        ({"specialties": ["Ward", "Clinic"], "limit": 2}, ["notes/a.json", "notes/b.json"]),
        ({"specialties": ["Nowhere"]}, []),
    ],
)
def test_a_selection_reads_some_of_the_notes(database: Database, selection: dict[str, object], keys: list[str]) -> None:
    notes = [make_note("a", "Fever", specialty="Clinic"), make_note("b", "Fever", specialty="Ward")]
    broken = CataloguedObject("notes/z.json", "z", 1, reason=QuarantineReason.NOT_JSON, detail="not JSON")
    catalogue.record(database, [*map(catalogued, notes), catalogued(make_note("c", "Cough", specialty="Ward")), broken])
    order = RunOrder(extractor="rules", selection=Selection.model_validate(selection))
    run_no = orders.order_run(database, order)[0].run_no
    plan.write_plan(database, run_no)
    rows = _ledger(database)
    assert [row[0] for row in rows] == keys
    assert [row[1] for row in rows if row[2] is None] == ["pending"] * len({row[0] for row in rows if row[2] is None})
    assert all(row[2] in {None, *keys} for row in rows), "who stands for a text is one of those selected"
