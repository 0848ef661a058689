"""SIGTERM to a worker that waits for something without end."""

import signal
import time
from collections.abc import Callable

from tests.integration.conftest import Spawn

from hctap_nlp.extractors import Extractor
from hctap_stores.database import revisions, runs
from hctap_stores.database.catalogue import CATALOGUE_LOCK
from hctap_stores.database.connection import Database
from hctap_stores.lake.lake import Lake

SHORT_GRACE = (
    "from functools import partial; from hctap_stores.database import jobs\n"
    "jobs.Serving = partial(jobs.Serving, grace_seconds=1.0)"
)
WORK = ("worker", "--extractor", "rules", "--workers", "1")


def test_a_stopped_worker_ends_in_time_and_another_does_its_job(
    spawn: Spawn,
    new_database: Callable[[], str],
    lake: Lake,  # noqa: ARG001 - the buckets are there
    extractor: Extractor,  # noqa: ARG001 - so is the vocabulary
) -> None:
    settings = {"HCTAP_DATABASE_URL": new_database()}
    revisions.upgrade(settings["HCTAP_DATABASE_URL"])
    queued = spawn("run", "--run-id", "R", "--extractor", "rules", "--queue", more=settings)
    _, printed = queued.communicate(timeout=60)
    assert queued.returncode == 0, printed
    with Database(settings["HCTAP_DATABASE_URL"]) as database:
        with database.lock(CATALOGUE_LOCK, busy=""):
            worker = spawn(*WORK, before=SHORT_GRACE, more=settings)
            while _state_of_plan(database) != "doing":
                assert worker.poll() is None, worker.communicate()
                time.sleep(0.05)
            begun = time.monotonic()
            worker.send_signal(signal.SIGTERM)
            _, printed = worker.communicate(timeout=60)
            assert (worker.returncode, "Traceback" in printed) == (0, False), printed
            assert time.monotonic() - begun < 15
            assert "job_given_back" in printed
            assert _state_of_plan(database) == "todo"
        _, printed = spawn(*WORK, "--once", more=settings).communicate(timeout=120)
        assert runs.find_run(database, "R").is_published, printed


def _state_of_plan(database: Database) -> str:
    with database.transaction() as connection:
        row = connection.execute(
            "SELECT status::text FROM procrastinate.procrastinate_jobs WHERE task_name = 'plan_run'"
        ).fetchone()
    return str(row[0]) if row else ""
