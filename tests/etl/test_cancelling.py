"""A run that is cancelled while a worker is in the middle of a shard."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import psutil
import pytest
from tests.etl.lineage.conftest import events_in
from tests.etl.queued_work import defer, serve

from hctap_core.errors import RunConflict
from hctap_core.runs import RunStatus
from hctap_etl.lineage.telling import open_lineage
from hctap_etl.processes import Worker
from hctap_etl.shards import Findings, Task
from hctap_etl.working import QueueWork
from hctap_stores.database import orders, queue, results, runs
from hctap_stores.database.connection import Database


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The process that works on the first note never answers; here is its id, as soon as it has one."""
    do = Worker.do
    pids: list[int] = []

    def stop_the_first(worker: Worker, task: Task) -> Findings:
        if not pids and task.notes[0].note_id == "n00":
            os.kill(worker.pid, signal.SIGSTOP)
            pids.append(worker.pid)
        return do(worker, task)

    monkeypatch.setattr(Worker, "do", stop_the_first)
    return pids


def test_a_cancelled_run_ends_the_process_that_works_on_it(work: QueueWork, url: str, stopped: list[int]) -> None:
    work = replace(work, lineage=open_lineage(work.lake, None))
    defer(work)
    serving = threading.Thread(target=serve, args=(work, url))
    serving.start()
    _await_one(stopped)
    with Database(url) as database:
        queue.cancel_run(database, "Q")
    serving.join(30)
    assert not serving.is_alive()
    _await_end(stopped[0])
    assert [event["eventType"] for event in events_in(work.lake, "run")] == ["START", "ABORT"]
    assert orders.resume_run(work.database, "Q").run.status is RunStatus.RUNNING
    serve(work, url)
    stored = runs.find_run(work.database, "Q")
    assert (stored.run.status, stored.run.counts.done) == (RunStatus.SUCCEEDED, 12), "no note was given up"


def test_a_shard_that_is_let_go_is_not_done(work: QueueWork, stopped: list[int]) -> None:
    defer(work)
    run_no = runs.find_run(work.database, "Q").run_no
    work.plan(run_no)
    letting_go = _once_stopped(stopped, lambda: work.let_go(run_no, 0))
    with pytest.raises(RunConflict):
        work.work(run_no, 0)
    letting_go.join()
    work.work(run_no, 0)
    assert results.count_pending(work.database, run_no) == 11


def test_a_crew_that_is_closed_leaves_no_process_behind(work: QueueWork, stopped: list[int]) -> None:
    defer(work)
    run_no = runs.find_run(work.database, "Q").run_no
    work.plan(run_no)
    closing = _once_stopped(stopped, work.crew.close)
    with pytest.raises(RunConflict):
        work.work(run_no, 0)
    closing.join()
    _await_end(stopped[0])


def _once_stopped(pids: list[int], act: Callable[[], None]) -> threading.Thread:
    def wait_and_act() -> None:
        _await_one(pids)
        act()

    acting = threading.Thread(target=wait_and_act)
    acting.start()
    return acting


def _await_one(pids: list[int]) -> None:
    while not pids:
        time.sleep(0.02)
    # It is in the middle of its task then.
    time.sleep(0.3)


def _await_end(pid: int) -> None:
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)
