"""`HCTAP_SCHEDULE`: a worker that begins runs by itself."""

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest
from tests.command_line import Outcome
from tests.etl.queued_work import serve

from hctap_core.runs import RunStatus
from hctap_etl.running import plan_run
from hctap_etl.working import QueueWork
from hctap_stores.database import jobs, queue, runs
from hctap_stores.database.connection import Database

EVERY_MINUTE = "* * * * *"


def test_a_worker_with_a_schedule_begins_a_run_when_it_is_due(work: QueueWork, url: str) -> None:
    stopping = threading.Thread(target=_stop_after_a_run, args=(url,))
    stopping.start()
    name = queue.queue_name(work.crew.pipeline.hash)
    assert jobs.serve(url, work, jobs.Serving(name, 2, heartbeat_seconds=0.5, schedule=EVERY_MINUTE))
    stopping.join()
    first = runs.list_runs(work.database)[-1]
    assert (first.run.status, first.run.counts.done, first.run.is_incremental) == (RunStatus.SUCCEEDED, 12, True)


def test_a_run_that_a_crash_left_is_completed_first(work: QueueWork, url: str) -> None:
    # As a process does that is killed: it has no jobs, and its lock is free.
    plan_run(work.lake, work.database, runs.create_run(work.database, "R", work.crew.pipeline), work.meter)
    work.begin()
    serve(work, url)
    (stored,) = runs.list_runs(work.database)
    assert (stored.run.status, stored.run.counts.done) == (RunStatus.SUCCEEDED, 12)
    work.begin()
    assert len(runs.list_runs(work.database)) == 2


@pytest.mark.parametrize(
    "schedule",
    [
        pytest.param("nightly", id="a word"),
        pytest.param("0 2 * *", id="a field too few"),
        pytest.param("61 * * * *", id="no such minute"),
        pytest.param("0 0 30 2 *", id="no such day in any year"),
        pytest.param(" ", id="a blank"),
    ],
)
def test_a_schedule_that_is_none_ends_the_worker_at_its_start(
    call: Callable[..., Outcome],
    settings_in_place: None,  # noqa: ARG001 - the stores are there
    monkeypatch: pytest.MonkeyPatch,
    schedule: str,
) -> None:
    monkeypatch.setenv("HCTAP_SCHEDULE", schedule)
    outcome = call("worker", "--extractor", "rules", "--once")
    assert outcome.code == 2
    assert "HCTAP_SCHEDULE is no cron expression" in outcome.err
    assert "`0 2 * * *`" in outcome.err


def _stop_after_a_run(url: str) -> None:
    deadline = time.monotonic() + 60
    with Database(url) as database:
        while time.monotonic() < deadline and not any(stored.is_published for stored in runs.list_runs(database)):
            time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGTERM)
