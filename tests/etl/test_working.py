import threading

import pytest
from tests.etl.queued_work import defer, serve

from hctap_core.errors import RunConflict, StoreUnavailable
from hctap_core.gold import GoldNote
from hctap_core.orders import RunOrder
from hctap_core.runs import RunStatus, Selection
from hctap_etl.crew import Alone
from hctap_etl.running import QUEUED, RunChoice, Runner
from hctap_etl.waiting import await_run
from hctap_etl.working import QueueWork
from hctap_nlp.extractors import Extractor
from hctap_stores.database import orders, queue, results, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.export import read_entities
from hctap_stores.database.gold import store_gold
from hctap_stores.database.workers import Signs, list_workers


def _found(database: Database, run_id: str) -> list[dict[str, object]]:
    stored = runs.find_run(database, run_id)
    return [record | {"run_id": ""} for record in read_entities(database, stored.run_no, run_id)]


def test_a_queued_run_gives_what_a_run_gives(work: QueueWork, url: str, extractor: Extractor) -> None:
    defer(work)
    serve(work, url)
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
    serve(work, url, orders=(orders.order_queue_name("rules"),), signs=signs)
    stored = runs.find_run(work.database, ordered.run.run_id)
    assert (stored.run.status, stored.is_published) == (RunStatus.SUCCEEDED, True)
    assert stored.run.pipeline == work.crew.pipeline
    assert (stored.run.counts.notes, stored.run.counts.done) == (5, 5)
    assert list_workers(work.database) == [], "it has said that it goes"
    assert runs.find_run(work.database, other.run.run_id).run.status is RunStatus.QUEUED


def test_a_run_is_evaluated_against_gold_that_is_kept(work: QueueWork, url: str) -> None:
    defer(work)
    fever = {"entity_type": "PROBLEM", "text": "Fever", "begin": 0, "end": 5}
    gold = [GoldNote.model_validate({"note_id": f"n{place:02}", "entities": [fever]}) for place in range(3)]
    kept = store_gold(work.database, "fevers", gold, source="file", by="tests")
    assert store_gold(work.database, "fevers", gold, source="file", by="tests") == kept, "the same is no new version"
    assert store_gold(work.database, "fevers", gold[:1], source="file", by="tests").version == 2
    serve(work, url)
    orders.order_evaluation(work.database, "Q", "fevers@1")
    serve(work, url, orders=(orders.CHORES,))
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
    serve(work, url)
    assert runs.find_run(work.database, run_id).run.status is RunStatus.CANCELLED
    assert orders.resume_run(work.database, run_id).run.status is RunStatus.RUNNING
    serve(work, url)
    stored = runs.find_run(work.database, run_id)
    assert (stored.run.status, stored.run.counts.done) == (RunStatus.SUCCEEDED, 12)


def test_a_worker_takes_no_job_of_another_pipeline(work: QueueWork, url: str) -> None:
    other = work.crew.pipeline.model_copy(update={"code_version": "another"})
    queue.defer_run(work.database, "other", other, is_incremental=False)
    serve(work, url)
    assert runs.find_run(work.database, "other").run.status is RunStatus.QUEUED


def test_who_waits_sees_the_end(work: QueueWork, url: str) -> None:
    defer(work)
    serving = threading.Thread(target=serve, args=(work, url))
    with Database(url) as database:
        stored = runs.find_run(database, "Q")
        serving.start()
        stored = await_run(database, stored, work.meter)
    serving.join()
    assert (stored.run.status, stored.is_published) == (RunStatus.SUCCEEDED, True)


def test_a_cancelled_run_is_let_be(work: QueueWork, url: str) -> None:
    defer(work)
    run_no = runs.find_run(work.database, "Q").run_no
    work.plan(run_no)
    work.work(run_no, 0)
    queue.cancel_run(work.database, "Q")
    serve(work, url)
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
    defer(work)
    serve(work, url)
    stored = runs.find_run(work.database, "Q")
    assert (stored.run.status, stored.error) == (RunStatus.FAILED, "An unexpected KeyError.")


def test_a_failed_run_goes_on_with_jobs_for_what_is_left(work: QueueWork, url: str) -> None:
    defer(work)
    run_no = runs.find_run(work.database, "Q").run_no
    work.plan(run_no)
    work.work(run_no, 0)
    work.fail(run_no, StoreUnavailable("S3 does not answer."))
    serve(work, url)
    assert results.count_pending(work.database, run_no) == 11, "the jobs of a failed run are let be"
    runner = Runner(work.lake, work.database, work.crew, work.meter)
    runner.choose(RunChoice("Q", must_resume=True), QUEUED)
    serve(work, url)
    stored = runs.find_run(work.database, "Q")
    assert (stored.run.status, stored.run.counts.done, stored.error) == (RunStatus.SUCCEEDED, 12, None)


def test_a_run_that_failed_before_its_plan_is_planned_again(work: QueueWork, url: str) -> None:
    defer(work)
    work.fail(runs.find_run(work.database, "Q").run_no, StoreUnavailable("S3 does not answer."))
    serve(work, url)
    Runner(work.lake, work.database, work.crew, work.meter).choose(RunChoice("Q", must_resume=True), QUEUED)
    serve(work, url)
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
    defer(work)
    serve(work, url)
    assert len(failed) >= 12
    assert runs.find_run(work.database, "Q").run.status is RunStatus.SUCCEEDED


def test_a_run_is_begun_by_schedule_unless_one_is_under_way(work: QueueWork) -> None:
    work.begin()
    work.begin()
    (stored,) = runs.list_runs(work.database)
    assert stored.run.status is RunStatus.QUEUED
