"""The states of a run: the database itself refuses every step that leads nowhere."""

import itertools
from collections.abc import Callable

import pytest
from psycopg.types.json import Jsonb
from tests.stores.findings import catalogued, make_note

from hctap_core.errors import RunConflict
from hctap_core.runs import NEXT_STATUS, Pipeline, RunStatus
from hctap_stores.database import catalogue, orders, plan, queue, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.runs import StoredRun

PIPELINE = Pipeline(extractor="rules", extractor_version="1", code_version="1")
# The way to each state from the first one.
WAYS = {
    RunStatus.QUEUED: (),
    RunStatus.RUNNING: (RunStatus.RUNNING,),
    RunStatus.FAILED: (RunStatus.FAILED,),
    RunStatus.CANCELLED: (RunStatus.CANCELLED,),
    RunStatus.PARTIAL: (RunStatus.RUNNING, RunStatus.PARTIAL),
    RunStatus.SUCCEEDED: (RunStatus.RUNNING, RunStatus.SUCCEEDED),
}


def _set(database: Database, run_no: int, status: RunStatus) -> None:
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET status = %s WHERE run_no = %s", (status, run_no))


@pytest.mark.parametrize(("before", "after"), list(itertools.product(RunStatus, RunStatus)))
def test_a_run_takes_no_step_that_is_not_one(database: Database, before: RunStatus, after: RunStatus) -> None:
    run_no = runs.create_run(database, "R", PIPELINE).run_no
    for status in WAYS[before]:
        _set(database, run_no, status)
    if after in NEXT_STATUS[before] or after is before:
        _set(database, run_no, after)
        assert runs.find_run(database, "R").run.status is after
        return
    with pytest.raises(RunConflict) as caught:
        _set(database, run_no, after)
    assert caught.value.remedy
    assert runs.find_run(database, "R").run.status is before


@pytest.mark.parametrize("status", [status for status in RunStatus if status is not RunStatus.QUEUED])
def test_a_run_begins_as_queued(database: Database, status: RunStatus) -> None:
    insert = "INSERT INTO runs (run_id, status, pipeline, pipeline_hash) VALUES ('R', %s, %s, 'h')"
    with pytest.raises(RunConflict), database.transaction() as connection:
        connection.execute(insert, (status, Jsonb({})))


@pytest.mark.parametrize("is_planned", [False, True])
@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.CANCELLED])
@pytest.mark.parametrize("reopen", [runs.reopen_run, orders.resume_run])
def test_a_run_without_a_result_goes_on_where_it_was(
    database: Database, reopen: Callable[[Database, str], StoredRun], status: RunStatus, *, is_planned: bool
) -> None:
    catalogue.record(database, [catalogued(make_note("n", "Fever."))])
    run_no = runs.create_run(database, "R", PIPELINE).run_no
    if is_planned:
        plan.write_plan(database, run_no)
    if status is RunStatus.FAILED:
        runs.fail_run(database, run_no, "S3 does not answer.")
    else:
        queue.cancel_run(database, "R")
    stored = reopen(database, "R")
    assert stored.run.status is (RunStatus.RUNNING if is_planned else RunStatus.QUEUED)
    assert (stored.run.finished_at, stored.error) == (None, None)


@pytest.mark.parametrize("status", [RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.PARTIAL, RunStatus.SUCCEEDED])
def test_a_run_that_is_not_over_or_has_a_result_is_left(database: Database, status: RunStatus) -> None:
    run_no = runs.create_run(database, "R", PIPELINE).run_no
    for step in WAYS[status]:
        _set(database, run_no, step)
    assert runs.reopen_run(database, "R").run.status is status
