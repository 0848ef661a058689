"""Workers that die with shards in hand, or are taken for dead: no shard is lost, none counts twice."""

import asyncio
import threading
from contextlib import suppress
from typing import Any

import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from tests.etl.queued_work import defer, serve

from hctap_core.runs import RunStatus
from hctap_etl.running import commit
from hctap_etl.working import QueueWork
from hctap_stores.database import jobs, plan, queue, runs
from hctap_stores.database.connection import Database


def test_the_jobs_of_a_dead_worker_are_done_by_another(work: QueueWork, url: str) -> None:
    defer(work)
    run_no = runs.find_run(work.database, "Q").run_no
    work.plan(run_no)
    _let_a_dead_worker_have(work.database, shards=(3, 7))
    serve(work, url)
    stored = runs.find_run(work.database, "Q")
    assert (stored.run.status, stored.run.counts.done) == (RunStatus.SUCCEEDED, 12)


def test_a_clock_that_is_set_back_keeps_no_job_waiting(work: QueueWork, url: str) -> None:
    defer(work)
    work.plan(runs.find_run(work.database, "Q").run_no)
    _let_a_dead_worker_have(work.database, shards=(3, 7))
    with work.database.transaction() as connection:
        connection.execute("SET LOCAL search_path TO procrastinate")
        connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() + interval '1 day'")
        connection.execute("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 day' WHERE id % 2 = 0")
    serve(work, url)
    assert runs.find_run(work.database, "Q").run.counts.done == 12


def test_a_job_whose_end_could_not_be_written_is_done_again(
    work: QueueWork, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, lost = JobManager.finish_job, []

    async def lose_the_third(manager: JobManager, job: Job, *arguments: Any, **more: Any) -> None:
        lost.append(job.task_name)
        if len(lost) == 3:
            raise ConnectorException
        await finish(manager, job, *arguments, **more)

    monkeypatch.setattr(JobManager, "finish_job", lose_the_third)
    defer(work)
    serve(work, url)
    assert runs.find_run(work.database, "Q").run.status is RunStatus.SUCCEEDED
    assert lost.count(queue.WORK) == 13, "twelve shards, and one again"


def test_a_worker_that_was_taken_for_dead_goes_on(work: QueueWork, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    silent: list[int] = []
    first = threading.Lock()  # Two shards are committed at once: only one of them begins another worker.

    def begin_another_meanwhile(*arguments: object) -> bool:
        if first.acquire(blocking=False):
            with work.database.twin() as database, database.transaction() as connection:
                connection.execute("SET LOCAL search_path TO procrastinate")
                aged = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
                silent.append(connection.execute(aged).rowcount)
            jobs.serve(url, work, jobs.Serving("another", 1, heartbeat_seconds=0.5, is_patient=False))
        return commit(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("hctap_etl.working.commit", begin_another_meanwhile)
    defer(work)
    # It gives no further sign before the other one looks.
    name = queue.queue_name(work.crew.pipeline.hash)
    jobs.serve(url, work, jobs.Serving(name, 2, heartbeat_seconds=30, is_patient=False))
    assert silent == [1]
    assert runs.find_run(work.database, "Q").run.counts.done == 12


@pytest.mark.timeout(60)
def test_a_worker_with_nothing_to_do_ends_while_it_still_begins(
    work: QueueWork, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = JobManager.register_worker

    async def register_late(manager: JobManager) -> int:
        # As `asyncio.wait_for` does until Python 3.12, where what is awaited ends at the moment of the cancellation.
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(2)
        return await register(manager)

    monkeypatch.setattr(JobManager, "register_worker", register_late)
    serve(work, url)
    with work.database.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM procrastinate.procrastinate_workers").fetchone() == (0,)


def test_a_note_that_kills_every_worker_is_found_alone(
    work: QueueWork, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "MIN_SHARD_BYTES", 1_000_000)
    defer(work)
    run_no = runs.find_run(work.database, "Q").run_no
    work.plan(run_no)
    sizes = []
    while (place := _place_of(work.database, "n05")) is not None:
        shard, size, job_id = place
        sizes.append(size)
        _let_a_dead_worker_have(work.database, shards=(shard,))
        work.part(run_no, shard, job_id)
    assert sizes == [12, 6, 3, 2, 1]
    serve(work, url)
    (lost,) = runs.list_quarantine(work.database, run_no)
    assert (lost.note_id, lost.reason, lost.detail) == ("n05", "extraction_failed", "WorkerDied")
    stored = runs.find_run(work.database, "Q")
    assert (stored.run.status, stored.run.counts.done) == (RunStatus.PARTIAL, 11)


def test_a_shard_whose_workers_died_too_often_is_parted(work: QueueWork, url: str) -> None:
    defer(work)
    run_no = runs.find_run(work.database, "Q").run_no
    work.plan(run_no)
    _let_a_dead_worker_have(work.database, shards=(4,), attempts=queue.TRIES_OF_A_SHARD - 1)
    serve(work, url)
    (lost,) = runs.list_quarantine(work.database, run_no)
    assert (lost.note_id, runs.find_run(work.database, "Q").run.status) == ("n04", RunStatus.PARTIAL)


def _place_of(database: Database, note_id: str) -> tuple[int, int, int] | None:
    with database.transaction() as connection:
        row = connection.execute(
            """
            SELECT shard, (SELECT count(*) FROM run_notes s WHERE s.shard = n.shard), max(j.id) FROM run_notes n
            JOIN procrastinate.procrastinate_jobs j ON (j.args->>'shard')::integer = n.shard
            WHERE note_id = %s AND n.state = 'pending' GROUP BY shard
            """,
            (note_id,),
        ).fetchone()
    return (int(row[0]), int(row[1]), int(row[2])) if row else None


def _let_a_dead_worker_have(database: Database, shards: tuple[int, ...], attempts: int = 0) -> None:
    with database.transaction() as connection:
        connection.execute("SET LOCAL search_path TO procrastinate")
        connection.execute(
            """
            WITH dead AS (
                INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')
                RETURNING id)
            UPDATE procrastinate_jobs SET status = 'doing', worker_id = dead.id, attempts = %s FROM dead
            WHERE status = 'todo' AND task_name = 'work_on_shard' AND (args->>'shard')::integer = ANY(%s)
            """,
            (attempts, list(shards)),
        )
