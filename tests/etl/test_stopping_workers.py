"""Workers that are told to stop with a job in hand that takes longer than their grace."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.etl.queued_work import defer, serve

from hctap_core.runs import RunStatus
from hctap_etl.working import QueueWork
from hctap_stores.database import jobs, queue, runs
from hctap_stores.database.catalogue import CATALOGUE_LOCK
from hctap_stores.database.connection import Database

GIVEN_BACK = ("todo", 1)
IN_HAND = ("doing", 0)


def test_a_job_that_takes_longer_than_the_grace_is_given_back(work: QueueWork, url: str) -> None:
    defer(work)
    with work.database.lock(CATALOGUE_LOCK, busy=""), _after(lambda: _await_plan(url, IN_HAND), _stop):
        assert not _serve(work, url, grace_seconds=0.5), "a thread still waits for the lock"
        assert _plan_of(work.database) == GIVEN_BACK
        assert runs.find_run(work.database, "Q").run.status is RunStatus.QUEUED
    # Now the thread that was left plans the run, beside or after who takes the job: a doubled plan changes nothing.
    serve(work, url)
    stored = runs.find_run(work.database, "Q")
    assert (stored.run.status, stored.run.counts.done) == (RunStatus.SUCCEEDED, 12)


def test_a_job_that_ends_within_the_grace_stays_in_hand(work: QueueWork, url: str) -> None:
    defer(work)
    seen: list[tuple[str, int] | None] = []

    def look_later() -> None:
        with Database(url) as database, database.lock(CATALOGUE_LOCK, busy=""):
            held.set()
            _await_plan(url, IN_HAND)
            _stop()
            time.sleep(3)  # of its heartbeats, six
            seen.append(_plan_of(database))

    held = threading.Event()
    looking = threading.Thread(target=look_later)
    looking.start()
    held.wait()
    assert _serve(work, url, grace_seconds=60)
    looking.join()
    assert seen == [IN_HAND]
    assert runs.find_run(work.database, "Q").run.status is RunStatus.RUNNING


def test_a_job_may_be_given_back_as_often_as_need_be(work: QueueWork, url: str) -> None:
    defer(work)
    with work.database.transaction() as connection:
        connection.execute("UPDATE procrastinate.procrastinate_jobs SET attempts = 20")
    with work.database.lock(CATALOGUE_LOCK, busy=""), _after(lambda: _await_plan(url, ("doing", 20)), _stop):
        assert not _serve(work, url, grace_seconds=0.2)
        assert _plan_of(work.database) == ("todo", 21)


def _serve(work: QueueWork, url: str, *, grace_seconds: float) -> bool:
    name = queue.queue_name(work.crew.pipeline.hash)
    begun = time.monotonic()
    is_done = jobs.serve(url, work, jobs.Serving(name, 1, heartbeat_seconds=0.5, grace_seconds=grace_seconds))
    assert time.monotonic() - begun < 20
    return is_done


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _after(wait: Callable[[], None], then: Callable[[], None]) -> Iterator[None]:
    def act() -> None:
        wait()
        then()

    acting = threading.Thread(target=act)
    acting.start()
    yield
    acting.join()


def _await_plan(url: str, state: tuple[str, int]) -> None:
    with Database(url) as database:
        while _plan_of(database) != state:
            time.sleep(0.02)
    # The worker's thread is at the lock by then.
    time.sleep(0.3)


def _plan_of(database: Database) -> tuple[str, int] | None:
    with database.transaction() as connection:
        row = connection.execute(
            "SELECT status::text, attempts FROM procrastinate.procrastinate_jobs WHERE task_name = %s", (queue.PLAN,)
        ).fetchone()
    return (row[0], row[1]) if row else None
