import time

import pytest
from tests.stores.findings import catalogued, entity_of, found_in, make_note

from hctap_core.errors import PlatformError
from hctap_core.runs import Part, Pipeline
from hctap_stores.database import catalogue, keeping, plan, results, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.keeping import Kept
from hctap_stores.database.rows import NoteResult, intern_codes, number_term, render_rows

_FEVER = number_term("PROBLEM", "fever", intern_codes("[]", []))
PART = Part(key="entities/run=R/part-00000-x.jsonl", sha256="0" * 64, rows=1, bytes=10)


@pytest.fixture
def run_no(database: Database) -> int:
    notes = {"a": "Fever", "b": "Cough", "c": "Fever"}
    catalogue.record(database, [catalogued(make_note(note_id, text)) for note_id, text in notes.items()])
    pipeline = Pipeline(extractor="rules", extractor_version="1", code_version="1")
    number = runs.create_run(database, "R", pipeline).run_no
    plan.write_plan(database, number)
    return number


def _work(database: Database, run_no: int, failure: str | None = None) -> list[NoteResult]:
    notes = results.begin_shard(database, run_no, 0)
    assert [(note.note_id, note.text) for note in notes] == [("a", "Fever"), ("b", "Cough")]
    return [
        found_in(notes[0], [] if failure else [entity_of(notes[0], "R", 0, 5)], failure),
        found_in(notes[1], []),
    ]


def _commit(database: Database, run_no: int, found: list[NoteResult]) -> bool:
    return results.commit_shard(database, run_no, 0, PART, render_rows(run_no, found), time.monotonic_ns() - 5_000_000)


def _count(database: Database, table: str) -> int:
    with database.transaction() as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()  # noqa: S608 - a constant
    assert row
    return int(row[0])


def test_a_shard_becomes_visible_at_once_and_only_once(database: Database, run_no: int) -> None:
    assert results.pending_shards(database, run_no) == [0]
    assert results.count_pending(database, run_no) == 2
    found = _work(database, run_no)
    assert _count(database, "entities") == 0
    assert _commit(database, run_no, found)
    assert not _commit(database, run_no, found)
    assert (_count(database, "entities"), _count(database, "run_sections")) == (1, 2)
    assert results.pending_shards(database, run_no) == []
    assert results.count_pending(database, run_no) == 0
    assert runs.list_parts(database, run_no) == [PART]
    counts = runs.finish_run(database, run_no).run.counts
    assert (counts.notes, counts.done, counts.duplicates, counts.entities) == (3, 2, 1, 1)


def test_a_refused_row_leaves_nothing_behind(database: Database, run_no: int) -> None:
    found = _work(database, run_no)
    doubled = found_in(found[0].note, [*found[0].entities, {**found[0].entities[0], "text": "nul\0"}])
    with pytest.raises(PlatformError):
        _commit(database, run_no, [doubled, found[1]])
    assert _count(database, "entities") == 0
    assert results.pending_shards(database, run_no) == [0]


def test_terms_are_kept_in_mind_when_they_are_committed_and_not_before(database: Database, run_no: int) -> None:
    found = _work(database, run_no)
    doubled = found_in(found[0].note, [*found[0].entities, {**found[0].entities[0], "text": "nul\0"}])
    with pytest.raises(PlatformError):
        _commit(database, run_no, [doubled, found[1]])
    assert (database.kept.terms, database.kept.provenances) == (set(), set())
    _commit(database, run_no, found)
    kept = database.kept
    assert (kept.terms, len(kept.provenances), len(kept.code_lists)) == ({_FEVER}, 1, 1)
    once = ("terms", "provenances", "code_lists")
    assert [_count(database, name) for name in once] == [1, 1, 1]
    # What is kept is not sent: a row that somebody took away does not come back.
    rows = render_rows(run_no, found)
    with database.transaction() as connection:
        for name in (*once, "entities", "run_sections", "entity_counts"):
            connection.execute(f"DELETE FROM {name}".encode())  # noqa: S608 - constants
        results.copy_results(connection, rows, kept)
    assert [_count(database, name) for name in ("entities", *once)] == [1, 0, 0, 0]


def test_terms_of_another_run_are_not_kept_in_mind() -> None:
    kept = Kept()
    for run_no in (1, 2):
        kept.begin(run_no)
        assert (kept.terms, kept.provenances, kept.code_lists) == (set(), set(), set())
        kept.remember([_FEVER], [7], [8])
        kept.begin(run_no)
        assert (kept.terms, kept.provenances, kept.code_lists) == ({_FEVER}, {7}, {8})


def test_only_so_many_terms_are_kept_in_mind(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST", 1)
    database.kept.remember([_FEVER], [], [])
    database.kept.remember([number_term("PROBLEM", "cough", 0)], [7], [8])
    assert (database.kept.terms, database.kept.provenances) == ({_FEVER}, set())


@pytest.mark.parametrize("table", ["note_texts", "notes"])
def test_what_a_ledger_names_cannot_be_deleted(table: str, database: Database, run_no: int) -> None:
    assert run_no
    with pytest.raises(PlatformError, match="23503"), database.transaction() as connection:
        connection.execute(f"DELETE FROM {table}".encode())  # noqa: S608 - a constant
    assert _count(database, table) == {"note_texts": 2, "notes": 3}[table]


def test_a_run_whose_results_another_has_cannot_be_deleted(database: Database, run_no: int) -> None:
    with database.transaction() as connection:
        connection.execute("UPDATE run_notes SET results_of = %s WHERE note_id = 'a'", (run_no,))
    with pytest.raises(PlatformError, match="23503"), database.transaction() as connection:
        connection.execute("DELETE FROM runs")
    assert _count(database, "run_notes") == 3


def test_a_text_that_fails_fails_for_all_notes_that_have_it(database: Database, run_no: int) -> None:
    assert _commit(database, run_no, _work(database, run_no, failure="KeyError"))
    found = [(item.object_key, item.reason, item.detail) for item in runs.list_quarantine(database, run_no)]
    assert found == [
        ("notes/a.json", "extraction_failed", "KeyError"),
        ("notes/c.json", "extraction_failed", "KeyError"),
    ]
    counts = runs.finish_run(database, run_no).run.counts
    assert (counts.notes, counts.done, counts.duplicates, counts.quarantined) == (3, 1, 0, 2)


def test_attempts_and_times_are_counted(database: Database, run_no: int) -> None:
    results.begin_shard(database, run_no, 0)
    _commit(database, run_no, _work(database, run_no))
    with database.transaction() as connection:
        shard = connection.execute("SELECT attempt, duration_us FROM run_shards").fetchone()
        notes = connection.execute("SELECT object_key, attempt, duration_us FROM run_notes ORDER BY 1").fetchall()
    assert shard
    assert shard[0] == 2
    assert 5_000 <= shard[1] < 5_000_000
    assert notes == [("notes/a.json", 1, 1500), ("notes/b.json", 1, 1500), ("notes/c.json", 0, None)]


def test_a_run_takes_its_results_with_it(database: Database, run_no: int) -> None:
    _commit(database, run_no, _work(database, run_no))
    with database.transaction() as connection:
        connection.execute("DELETE FROM runs WHERE run_no = %s", (run_no,))
    assert [_count(database, name) for name in ("entities", "run_sections", "run_notes", "run_shards")] == [0] * 4
    assert _count(database, "notes") == 3
