import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from hctap_cli.progress import Meter
from hctap_core.errors import RunConflict, StoreUnavailable
from hctap_core.gold import GoldNote
from hctap_core.notes import note_from_record
from hctap_core.orders import RunOrder
from hctap_core.runs import RunStatus, Selection
from hctap_core.sources.records import SourceRecord
from hctap_embedded.stack import Stack
from hctap_etl.crew import Alone
from hctap_etl.intake import Intake, IntakeOptions
from hctap_etl.lineage.sending import Lineage
from hctap_etl.processes import Processes
from hctap_etl.recipe import Recipe
from hctap_etl.running import QUEUED, RunChoice, Runner, commit
from hctap_etl.waiting import await_run
from hctap_etl.working import QueueWork
from hctap_nlp.extractors import Extractor
from hctap_stores.database import jobs, orders, plan, queue, results, revisions, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.export import read_entities
from hctap_stores.database.gold import store_gold
from hctap_stores.database.workers import Signs, list_workers
from hctap_stores.lake.lake import Lake


@pytest.fixture
def url(new_database: Callable[[], str]) -> str:
    address = new_database()
    revisions.upgrade(address)
    return address


@pytest.fixture
def work(
    lake: Lake, url: str, stack: Stack, extractor: Extractor, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> Iterator[QueueWork]:
    """A worker's tasks over twelve notes, a shard each."""
    assert extractor.name == "rules", "its vocabulary is compiled"
    monkeypatch.setattr(plan, "MIN_SHARD_BYTES", 1)
    fields = [{"note_id": f"n{place:02}", "specialty": "Any", "text": f"Fever on day {place}."} for place in range(12)]
    records = [SourceRecord("t", b"", note_from_record(record)) for record in fields]
    Intake(lake.raw, IntakeOptions(source="t")).take(records, lambda _: None)
    with Processes(Recipe("rules", stack.home / "vocabulary"), 2) as crew, Database(url) as database:
        yield QueueWork(lake, database, crew, meter, Lineage())


def _defer(work: QueueWork, run_id: str = "Q") -> None:
    queue.defer_run(work.database, run_id, work.crew.pipeline, is_incremental=False)


def _serve(work: QueueWork, url: str, **more: object) -> None:
    name = queue.queue_name(work.crew.pipeline.hash)
    jobs.serve(url, work, jobs.Serving(name, 2, heartbeat_seconds=0.5, is_patient=False, **more))  # type: ignore[arg-type]


def _found(database: Database, run_id: str) -> list[dict[str, object]]:
    stored = runs.find_run(database, run_id)
    return [record | {"run_id": ""} for record in read_entities(database, stored.run_no, run_id)]


def test_a_queued_run_gives_what_a_run_gives(work: QueueWork, url: str, extractor: Extractor) -> None:
    _defer(work)
    _serve(work, url)
    stored = runs.find_run(work.database, "Q")
    assert (stored.run.status, stored.is_published, stored.run.counts.done) == (RunStatus.SUCCEEDED, True, 12)
    runner = Runner(work.lake, work.database, Alone(extractor), work.meter)
    runner.work(runner.choose(RunChoice("R"))[0])
    assert _found(work.database, "Q") == _found(work.database, "R")
    one, two = (runs.list_parts(work.database, runs.find_run(work.database, run_id).run_no) for run_id in ("Q", "R"))
    assert [(part.rows, part.bytes) for part in one] == [(part.rows, part.bytes) for part in two]


def test_an_ordered_run_gets_the_pipeline_of_the_worker_that_takes_it(work: QueueWork, url: str) -> None:
    signs = Signs(url, "rules", work.crew.pipeline.hash, 2, 0.5)
    selection = Selection(specialties=("Any",), limit=5)
    ordered, is_new = orders.order_run(work.database, RunOrder(extractor="rules", selection=selection))
    other, _ = orders.order_run(work.database, RunOrder(extractor="hybrid"))
    assert (is_new, ordered.run.pipeline_hash) == (True, "")
    _serve(work, url, orders=(orders.order_queue_name("rules"),), signs=signs)
    stored = runs.find_run(work.database, ordered.run.run_id)
    assert (stored.run.status, stored.is_published) == (RunStatus.SUCCEEDED, True)
    assert stored.run.pipeline == work.crew.pipeline
    assert (stored.run.counts.notes, stored.run.counts.done) == (5, 5)
    assert list_workers(work.database) == [], "it has said that it goes"
    assert runs.find_run(work.database, other.run.run_id).run.status is RunStatus.QUEUED


def test_a_run_is_evaluated_against_gold_that_is_kept(work: QueueWork, url: str) -> None:
    _defer(work)
    fever = {"entity_type": "PROBLEM", "text": "Fever", "begin": 0, "end": 5}
    gold = [GoldNote.model_validate({"note_id": f"n{place:02}", "entities": [fever]}) for place in range(3)]
    kept = store_gold(work.database, "fevers", gold, source="file", by="tests")
    assert store_gold(work.database, "fevers", gold, source="file", by="tests") == kept, "the same is no new version"
    assert store_gold(work.database, "fevers", gold[:1], source="file", by="tests").version == 2
    _serve(work, url)
    orders.order_evaluation(work.database, "Q", "fevers@1")
    _serve(work, url, orders=(orders.CHORES,))
    stored = runs.find_run(work.database, "Q")
    assert stored.run.evaluation["fevers@1"]["strict"]["micro"]["recall"] == 1.0
    assert stored.run.status is RunStatus.SUCCEEDED


def test_a_cancelled_run_is_gone_on_with(work: QueueWork, url: str) -> None:
    ordered, _ = orders.order_run(work.database, RunOrder(extractor="rules"))
    run_id = ordered.run.run_id
    assert orders.take_run(work.database, ordered.run_no, work.crew.pipeline)
    assert not orders.take_run(work.database, ordered.run_no, work.crew.pipeline), "another was faster"
    work.plan(ordered.run_no)
    work.work(ordered.run_no, 0)
    orders.cancel_order(work.database, run_id)
    _serve(work, url)
    assert runs.find_run(work.database, run_id).run.status is RunStatus.CANCELLED
    assert orders.resume_run(work.database, run_id).run.status is RunStatus.RUNNING
    _serve(work, url)
    stored = runs.find_run(work.database, run_id)
    assert (stored.run.status, stored.run.counts.done) == (RunStatus.SUCCEEDED, 12)


def test_a_worker_takes_no_job_of_another_pipeline(work: QueueWork, url: str) -> None:
    other = work.crew.pipeline.model_copy(update={"code_version": "another"})
    queue.defer_run(work.database, "other", other, is_incremental=False)
    _serve(work, url)
    assert runs.find_run(work.database, "other").run.status is RunStatus.QUEUED


def test_who_waits_sees_the_end(work: QueueWork, url: str) -> None:
    _defer(work)
    serving = threading.Thread(target=_serve, args=(work, url))
    with Database(url) as database:
        stored = runs.find_run(database, "Q")
        serving.start()
        stored = await_run(database, stored, work.meter)
    serving.join()
    assert (stored.run.status, stored.is_published) == (RunStatus.SUCCEEDED, True)


def test_a_cancelled_run_is_let_be(work: QueueWork, url: str) -> None:
    _defer(work)
    run_no = runs.find_run(work.database, "Q").run_no
    work.plan(run_no)
    work.work(run_no, 0)
    queue.cancel_run(work.database, "Q")
    _serve(work, url)
    work.work(run_no, 1)
    work.finish(run_no)
    stored = runs.find_run(work.database, "Q")
    assert stored.run.status is RunStatus.CANCELLED
    assert results.count_pending(work.database, run_no) == 11
    with pytest.raises(RunConflict, match="cancelled"):
        Runner(work.lake, work.database, work.crew, work.meter).choose(RunChoice("Q"))


def test_a_job_that_cannot_be_done_fails_its_run(work: QueueWork, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("Mrs. Miller")

    monkeypatch.setattr("hctap_etl.working.commit", fail)
    _defer(work)
    _serve(work, url)
    stored = runs.find_run(work.database, "Q")
    assert (stored.run.status, stored.error) == (RunStatus.FAILED, "An unexpected KeyError.")


def test_a_failed_run_goes_on_with_jobs_for_what_is_left(work: QueueWork, url: str) -> None:
    _defer(work)
    run_no = runs.find_run(work.database, "Q").run_no
    work.plan(run_no)
    work.work(run_no, 0)
    work.fail(run_no, StoreUnavailable("S3 does not answer."))
    _serve(work, url)
    assert results.count_pending(work.database, run_no) == 11, "the jobs of a failed run are let be"
    runner = Runner(work.lake, work.database, work.crew, work.meter)
    runner.choose(RunChoice("Q", must_resume=True), QUEUED)
    _serve(work, url)
    stored = runs.find_run(work.database, "Q")
    assert (stored.run.status, stored.run.counts.done, stored.error) == (RunStatus.SUCCEEDED, 12, None)


def test_a_run_that_failed_before_its_plan_is_planned_again(work: QueueWork, url: str) -> None:
    _defer(work)
    work.fail(runs.find_run(work.database, "Q").run_no, StoreUnavailable("S3 does not answer."))
    _serve(work, url)
    Runner(work.lake, work.database, work.crew, work.meter).choose(RunChoice("Q", must_resume=True), QUEUED)
    _serve(work, url)
    assert runs.find_run(work.database, "Q").run.counts.done == 12


def test_a_store_that_is_away_for_a_moment_costs_no_run(
    work: QueueWork, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, failed = work.lake.enriched.settle, []

    def settle_at_second_try(key: str, data: bytes) -> None:
        if key.startswith("entities/") and key not in failed:  # each of the data products would cost another retry
            failed.append(key)
            raise StoreUnavailable
        settle(key, data)

    monkeypatch.setattr(work.lake.enriched, "settle", settle_at_second_try)
    _defer(work)
    _serve(work, url)
    assert len(failed) >= 12
    assert runs.find_run(work.database, "Q").run.status is RunStatus.SUCCEEDED


def test_the_jobs_of_a_dead_worker_are_done_by_another(work: QueueWork, url: str) -> None:
    _defer(work)
    run_no = runs.find_run(work.database, "Q").run_no
    work.plan(run_no)
    _let_a_dead_worker_have(work.database, shards=(3, 7))
    _serve(work, url)
    stored = runs.find_run(work.database, "Q")
    assert (stored.run.status, stored.run.counts.done) == (RunStatus.SUCCEEDED, 12)


def test_a_clock_that_is_set_back_keeps_no_job_waiting(work: QueueWork, url: str) -> None:
    _defer(work)
    work.plan(runs.find_run(work.database, "Q").run_no)
    _let_a_dead_worker_have(work.database, shards=(3, 7))
    with work.database.transaction() as connection:
        connection.execute("SET LOCAL search_path TO procrastinate")
        connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() + interval '1 day'")
        connection.execute("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 day' WHERE id % 2 = 0")
    _serve(work, url)
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
    _defer(work)
    _serve(work, url)
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
    _defer(work)
    # It gives no further sign before the other one looks.
    name = queue.queue_name(work.crew.pipeline.hash)
    jobs.serve(url, work, jobs.Serving(name, 2, heartbeat_seconds=30, is_patient=False))
    assert silent == [1]
    assert runs.find_run(work.database, "Q").run.counts.done == 12


def test_a_note_that_kills_every_worker_is_found_alone(
    work: QueueWork, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "MIN_SHARD_BYTES", 1_000_000)
    _defer(work)
    run_no = runs.find_run(work.database, "Q").run_no
    work.plan(run_no)
    sizes = []
    while (place := _place_of(work.database, "n05")) is not None:
        shard, size, job_id = place
        sizes.append(size)
        _let_a_dead_worker_have(work.database, shards=(shard,))
        work.part(run_no, shard, job_id)
    assert sizes == [12, 6, 3, 2, 1]
    _serve(work, url)
    (lost,) = runs.list_quarantine(work.database, run_no)
    assert (lost.note_id, lost.reason, lost.detail) == ("n05", "extraction_failed", "WorkerDied")
    stored = runs.find_run(work.database, "Q")
    assert (stored.run.status, stored.run.counts.done) == (RunStatus.PARTIAL, 11)


def test_a_shard_whose_workers_died_too_often_is_parted(work: QueueWork, url: str) -> None:
    _defer(work)
    run_no = runs.find_run(work.database, "Q").run_no
    work.plan(run_no)
    _let_a_dead_worker_have(work.database, shards=(4,), attempts=queue.TRIES_OF_A_SHARD - 1)
    _serve(work, url)
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


def test_a_run_is_begun_by_schedule_unless_one_is_under_way(work: QueueWork) -> None:
    work.begin()
    work.begin()
    (stored,) = runs.list_runs(work.database)
    assert stored.run.status is RunStatus.QUEUED


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
