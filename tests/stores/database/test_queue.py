import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import pytest
from procrastinate.schema import SchemaManager
from tests.stores.findings import catalogued, found_in, make_note

from hctap_core.errors import RunConflict
from hctap_core.runs import Part, Pipeline, RunStatus
from hctap_stores.database import catalogue, orders, plan, queue, results, revisions, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.rows import render_rows

PIPELINE = Pipeline(extractor="rules", extractor_version="1", code_version="1")
PART = Part(key="k", sha256="s", rows=0, bytes=0)


@pytest.fixture
def database(new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Five notes, each a shard of its own."""
    url = new_database()
    revisions.upgrade(url)
    monkeypatch.setattr(plan, "MIN_SHARD_BYTES", 1)
    with Database(url) as opened:
        notes = [make_note(f"n{place}", f"Fever on day {place}.") for place in range(5)]
        catalogue.record(opened, [catalogued(note) for note in notes])
        yield opened


def _jobs(database: Database) -> list[tuple[Any, ...]]:
    with database.transaction() as connection:
        return connection.execute(
            "SELECT task_name, args, status::text, queue_name FROM procrastinate.procrastinate_jobs ORDER BY id"
        ).fetchall()


def _begin(database: Database) -> int:
    run_no = queue.defer_run(database, "R", PIPELINE, is_incremental=False).run_no
    plan.write_plan(database, run_no, queue.defer_shards)
    return run_no


def _commit(database: Database, run_no: int, shard: int) -> bool:
    notes = results.begin_shard(database, run_no, shard)
    rows = render_rows(run_no, [found_in(note, []) for note in notes])
    return results.commit_shard(database, run_no, shard, PART, rows, time.monotonic_ns(), then=queue.defer_finish_after)


def test_the_queue_is_that_of_the_pinned_release() -> None:
    kept = files("hctap_stores.database.migrations") / "procrastinate" / f"{version('procrastinate')}.sql"
    assert kept.read_text(encoding="utf-8") == SchemaManager.get_schema()


def test_the_queue_has_a_schema_of_its_own(database: Database) -> None:
    with database.transaction() as connection:
        rows = connection.execute("SELECT table_schema FROM information_schema.tables WHERE table_name LIKE 'procra%'")
        assert {schema for (schema,) in rows} == {"procrastinate"}


def test_a_run_and_its_job_come_together_and_once(database: Database) -> None:
    first = queue.defer_run(database, "R", PIPELINE, is_incremental=True)
    assert queue.defer_run(database, "R", PIPELINE, is_incremental=True) == first
    assert (first.run.status, first.is_worked_on) == (RunStatus.QUEUED, True)
    assert _jobs(database) == [(queue.PLAN, {"run_no": 1}, "todo", queue.queue_name(PIPELINE.hash))]


def test_a_plan_brings_a_job_for_each_shard(database: Database) -> None:
    run_no = _begin(database)
    assert [(task, args["shard"]) for task, args, *_ in _jobs(database)[1:]] == [(queue.WORK, s) for s in range(5)]
    plan.write_plan(database, run_no, queue.defer_shards)
    assert len(_jobs(database)) == 6


def test_the_last_shard_brings_the_finish_once(database: Database) -> None:
    run_no = _begin(database)
    for shard in range(4):
        assert _commit(database, run_no, shard)
        assert [task for task, *_ in _jobs(database)].count(queue.FINISH) == 0
    assert _commit(database, run_no, 4)
    assert not _commit(database, run_no, 4)
    with database.transaction() as connection:
        queue.defer_finish_after(connection, run_no)
    assert [task for task, *_ in _jobs(database)].count(queue.FINISH) == 1


def test_a_run_without_work_is_finished_at_once(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("DELETE FROM lake_objects")
    _begin(database)
    assert [task for task, *_ in _jobs(database)] == [queue.PLAN, queue.FINISH]


def test_a_cancelled_run_loses_its_jobs_and_takes_no_results(database: Database) -> None:
    run_no = _begin(database)
    assert _commit(database, run_no, 0)
    assert queue.cancel_run(database, "R").run.status is RunStatus.CANCELLED
    assert {status for _, _, status, _ in _jobs(database)} == {"cancelled"}
    assert not _commit(database, run_no, 1)
    assert runs.finish_run(database, run_no).run.status is RunStatus.CANCELLED
    assert runs.find_interrupted_run(database, PIPELINE.hash) is None


def test_a_cancelled_run_is_resumed_when_its_worker_has_let_go(database: Database) -> None:
    run_no = _begin(database)
    _take_all(database)
    queue.cancel_run(database, "R")
    with pytest.raises(RunConflict, match="let go"):
        orders.resume_run(database, "R")
    with database.transaction() as connection:
        connection.execute("SET LOCAL search_path TO procrastinate")
        connection.execute("DELETE FROM procrastinate_jobs")
    assert orders.resume_run(database, "R").run.status is RunStatus.RUNNING
    assert [args["shard"] for _, args, *_ in _jobs(database)] == results.pending_shards(database, run_no)


def test_a_finished_run_cannot_be_cancelled(database: Database) -> None:
    run_no = _begin(database)
    for shard in range(5):
        _commit(database, run_no, shard)
    runs.finish_run(database, run_no)
    assert queue.cancel_run(database, "R").run.status is RunStatus.SUCCEEDED


def test_a_shard_is_parted_until_one_note_is_left(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "MIN_SHARD_BYTES", 1_000_000)
    run_no = _begin(database)
    late = results.begin_shard(database, run_no, 0)
    _take_all(database)
    assert queue.split_shard(database, run_no, 0, 2)
    with database.transaction() as connection:
        sizes = connection.execute("SELECT shard, count(*) FROM run_notes GROUP BY 1 ORDER BY 1").fetchall()
    assert sizes == [(0, 2), (1, 3)]
    assert [args for task, args, status, _ in _jobs(database) if task == queue.WORK and status == "todo"] == [
        {"run_no": run_no, "shard": 0, "tries": 1},
        {"run_no": run_no, "shard": 1, "tries": 1},
    ]
    # A worker that comes back from the dead with the whole of it is too late.
    rows = render_rows(run_no, [found_in(note, []) for note in late])
    assert not results.commit_shard(database, run_no, 0, PART, rows, time.monotonic_ns())
    # Another one that finds the same dead worker does not part it again.
    assert queue.split_shard(database, run_no, 0, 2)
    assert results.pending_shards(database, run_no) == [0, 1]
    _take_all(database)
    assert queue.split_shard(database, run_no, 0, 3)
    assert not queue.split_shard(database, run_no, 0, 99)
    assert results.count_pending(database, run_no) == 5


def _take_all(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("SET LOCAL search_path TO procrastinate")
        connection.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")


def test_a_failed_run_says_why(database: Database) -> None:
    run_no = _begin(database)
    runs.fail_run(database, run_no, "S3 does not answer.")
    stored = queue.find_run_by_number(database, run_no)
    assert (stored.run.status, stored.error, queue.is_over(stored)) == (RunStatus.FAILED, "S3 does not answer.", True)
