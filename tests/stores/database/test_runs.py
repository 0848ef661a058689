import pytest
from tests.stores.findings import catalogued, make_note

from hctap_core.errors import RunNotFound
from hctap_core.runs import Pipeline, RunStatus
from hctap_stores.database import catalogue, plan, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.evaluations import write_evaluation

ONE = Pipeline(extractor="rules", extractor_version="1", code_version="1")
OTHER = Pipeline(extractor="rules", extractor_version="2", code_version="1")


def _finish(database: Database, run_id: str, *, publish: bool = True) -> None:
    run_no = runs.create_run(database, run_id, ONE).run_no
    plan.write_plan(database, run_no)
    runs.finish_run(database, run_no)
    if publish:
        runs.mark_published(database, run_no)


def test_a_run_is_entered_once(database: Database) -> None:
    first = runs.create_run(database, "R", ONE)
    assert (first.run.status, first.run.pipeline, first.run.pipeline_hash) == (RunStatus.QUEUED, ONE, ONE.hash)
    again = runs.create_run(database, "R", OTHER)
    assert (again.run_no, again.run.pipeline_hash) == (first.run_no, ONE.hash)


def test_unknown_runs_are_named(database: Database) -> None:
    for run_id in ("R", "latest"):
        with pytest.raises(RunNotFound, match=run_id):
            runs.find_run(database, run_id)


def test_the_latest_run_is_the_one_finished_last(database: Database) -> None:
    for run_id in ("B", "C", "A"):
        _finish(database, run_id)
    runs.create_run(database, "D", ONE)
    assert runs.find_run(database, "latest").run.run_id == "A"
    assert [stored.run.run_id for stored in runs.list_runs(database)] == ["D", "A", "C", "B"]
    assert [stored.run.run_id for stored in runs.list_runs(database, 2)] == ["D", "A"]


def test_an_interrupted_run_is_found_by_its_pipeline(database: Database) -> None:
    assert runs.find_interrupted_run(database, ONE.hash) is None
    _finish(database, "done")
    assert runs.find_interrupted_run(database, ONE.hash) is None
    _finish(database, "unpublished", publish=False)
    found = runs.find_interrupted_run(database, ONE.hash)
    assert found
    assert (found.run.run_id, found.is_published) == ("unpublished", False)
    runs.create_run(database, "queued", ONE)
    found = runs.find_interrupted_run(database, ONE.hash)
    assert found
    assert found.run.run_id == "queued"
    assert runs.find_interrupted_run(database, OTHER.hash) is None


def test_who_works_on_a_run_is_seen_by_others(database: Database, database_url: str) -> None:
    runs.create_run(database, "R", ONE)
    with Database(database_url) as worker, worker.lock(runs.run_lock("R"), busy=""):
        assert runs.find_run(database, "R").is_worked_on
    assert not runs.find_run(database, "R").is_worked_on


def test_a_run_without_notes_succeeds(database: Database) -> None:
    _finish(database, "R")
    run = runs.find_run(database, "R").run
    assert (run.status, run.counts.notes, run.duration_ms_p50, run.notes_per_second) == ("succeeded", 0, None, None)
    assert run.started_at
    assert run.finished_at


def test_a_finished_run_is_not_finished_again(database: Database) -> None:
    _finish(database, "R")
    before = runs.find_run(database, "R")
    catalogue.record(database, [catalogued(make_note("a", "Fever"))])
    assert runs.finish_run(database, before.run_no).run == before.run


def test_what_stopped_a_run_is_kept_until_it_is_done(database: Database) -> None:
    run_no = runs.create_run(database, "R", ONE).run_no
    runs.note_error(database, run_no, "The disk is full.")
    assert runs.find_run(database, "R").error == "The disk is full."
    plan.write_plan(database, run_no)
    assert runs.finish_run(database, run_no).error is None


def test_evaluations_are_kept_by_the_name_of_their_gold(database: Database) -> None:
    _finish(database, "R")
    run_no = runs.find_run(database, "R").run_no
    for name, value in (("dev", 0.1), ("test", 0.2), ("dev", 0.3)):
        write_evaluation(database, run_no, name, {"strict": value})
    assert runs.find_run(database, "R").run.evaluation == {"dev": {"strict": 0.3}, "test": {"strict": 0.2}}
