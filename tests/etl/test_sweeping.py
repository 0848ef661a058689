"""What nothing names is swept; what somebody may still name is not, whenever that happens."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import pytest
from tests.etl.small_runs import carry_out

from hctap_core.errors import StoreUnavailable
from hctap_core.runs import RunStatus
from hctap_etl.restoring import compare
from hctap_etl.running import QUEUED, Runner, lay, plan_run, take_task
from hctap_etl.sweeping import Swept, sweep
from hctap_stores.database import queue, runs
from hctap_stores.database.holding import hold_ended, hold_run, keep_run
from hctap_stores.database.runs import StoredRun, run_lock
from hctap_stores.lake.bucket import Bucket
from hctap_stores.lake.keys import manifest_key, products_key
from hctap_stores.lake.lake import Lake


def keys_of(runner: Runner) -> set[str]:
    return {item.key for item in runner.lake.enriched.list()}


def given_up(runner: Runner, run_id: str) -> StoredRun:
    """A run that is cancelled when the object of its first shard stands in the lake and no transaction names it."""
    stored = runs.create_run(runner.database, run_id, runner.crew.pipeline)
    plan_run(runner.lake, runner.database, stored, runner.meter)
    task = take_task(runner.database, stored, 0)
    for done, findings in runner.crew.work([task]):
        lay(runner.lake, done, findings)
    return queue.cancel_run(runner.database, run_id)


def test_only_what_nothing_names_is_deleted(runner: Runner) -> None:
    for run_id, is_incremental in (("R1", False), ("R2", True)):
        carry_out(runner, run_id=run_id, is_incremental=is_incremental)
    runs.create_run(runner.database, "queued", runner.crew.pipeline)
    kept = keys_of(runner)
    orphans = {
        "entities/run=R1/part-00000-dead.jsonl": b"1234",
        "entities/run=R2/part-00009-dead.jsonl": b"5",
        "silver/entities/run=R1/entity_type=PROBLEM/part-00000-dead.parquet": b"67",
        "gold/volumes/run=R2/part-00000-dead.jsonl": b"8",
    }
    others = {
        "entities/run=queued/part-00000-x.jsonl": b"1",
        "entities/run=unknown/part-00000-x.jsonl": b"2",
        "silver/notes/run=queued/part-00000-x.parquet": b"3",
        "silver/notes/README": b"4",
        "surrogates/x/y.json": b"5",
    }
    for key, data in (orphans | others).items():
        runner.lake.enriched.write(key, data)
    assert sweep(runner.lake, runner.database) == Swept(4, 8)
    assert keys_of(runner) == kept | set(others)
    assert sweep(runner.lake, runner.database) == Swept()


def test_products_of_a_run_that_was_given_up_go(runner: Runner) -> None:
    given_up(runner, "R")
    runner.lake.enriched.write("silver/notes/run=R/part-00000-x.parquet", b"1")
    assert sweep(runner.lake, runner.database).objects == 2
    assert not [key for key in keys_of(runner) if "/run=R/" in key]


@pytest.mark.parametrize("lost", [manifest_key("R"), products_key("R")])
def test_products_that_are_still_to_be_named_stay(runner: Runner, lost: str) -> None:
    carry_out(runner, run_id="R")
    runner.lake.enriched.delete(lost)
    kept = keys_of(runner)
    assert any(key.startswith("silver/") for key in kept)
    assert sweep(runner.lake, runner.database) == Swept()
    assert keys_of(runner) == kept


class Beside(Bucket):
    """The real bucket; while it deletes, the run goes on beside, as far as it can."""

    def __init__(self, lake: Lake, runner: Runner, pool: ThreadPoolExecutor) -> None:
        super().__init__(lake.enriched.name, lake.address, lambda: lake._client, patient=True)
        self._runner, self._pool = runner, pool
        self.resumed: Future[Any] | None = None

    def delete(self, key: str) -> None:
        self.resumed = self._pool.submit(carry_out, self._runner, run_id="R", must_resume=True)
        # It is done by then, unless it waits for its turn.
        wait([self.resumed], timeout=2.0)
        super().delete(key)


def test_a_run_that_is_resumed_meanwhile_has_all_its_parts(runner: Runner) -> None:
    given_up(runner, "R")
    lake = Lake(runner.lake.address)
    with runner.database.twin() as session, ThreadPoolExecutor(1) as pool:
        beside = lake.enriched = Beside(lake, replace(runner, database=session), pool)
        assert sweep(lake, runner.database).objects == 1
        assert beside.resumed is not None
        stored, _ = beside.resumed.result()
    assert (stored.run.status, stored.is_published) == (RunStatus.SUCCEEDED, True)
    assert compare(runner.lake, runner.database).missing == []


def test_a_run_that_somebody_works_on_is_let_be(runner: Runner) -> None:
    given_up(runner, "R")
    with runner.database.twin() as worker, worker.lock(run_lock("R"), busy=""):
        assert sweep(runner.lake, runner.database) == Swept(busy=1)
    assert sweep(runner.lake, runner.database).objects == 1


def test_a_run_whose_shard_a_worker_still_has_is_let_be(runner: Runner) -> None:
    QUEUED.enter(runner.database, "R", runner.crew.pipeline, is_incremental=False)
    with runner.database.transaction() as connection:
        connection.execute("SET LOCAL search_path = procrastinate, public")
        connection.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    given_up(runner, "R")
    assert sweep(runner.lake, runner.database) == Swept(busy=1)
    with runner.database.transaction() as connection:
        connection.execute("SET LOCAL search_path = procrastinate, public")
        connection.execute("DELETE FROM procrastinate_jobs")
    assert sweep(runner.lake, runner.database).objects == 1


def test_who_writes_objects_of_a_run_waits_for_the_sweep(runner: Runner) -> None:
    carry_out(runner, run_id="R")
    for hold in (hold_run, keep_run):
        with runner.database.twin() as writer, hold_ended(runner.database, "R") as stored:
            assert stored is not None
            with writer.transaction() as connection:
                connection.execute("SET lock_timeout = '200ms'")
            with pytest.raises(StoreUnavailable), hold(writer, "R"):
                pass
