import json
from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace

import pytest
from tests.etl.small_runs import TEXTS, Renamed, carry_out, exported, manifest_at, parts_of, under

from hctap_cli.lines import render_lines
from hctap_core.errors import BadInput, PlatformError, RunConflict, RunNotFound
from hctap_core.runs import RunStatus
from hctap_etl import running
from hctap_etl.crew import Alone
from hctap_etl.running import Beginning, RunChoice, Runner, Then
from hctap_etl.shards import Findings, Task
from hctap_nlp.extractors import Extractor
from hctap_stores.database import connection, plan, queue, results, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.export import read_entities
from hctap_stores.database.plan import write_plan
from hctap_stores.database.runs import run_lock


def test_a_run_answers_for_every_note(runner: Runner) -> None:
    stored, beginning = carry_out(runner, run_id="R")
    counts = stored.run.counts
    assert (beginning, stored.run.status, stored.is_published) == (Beginning.NEW, RunStatus.SUCCEEDED, True)
    assert (counts.notes, counts.distinct, counts.done, counts.duplicates, counts.pending) == (4, 3, 3, 1, 0)
    assert counts.entities == sum(counts.by_type.values()) > 3
    assert counts.characters == sum(len(text) for text in set(TEXTS.values()))
    manifest = manifest_at(runner, "runs/R/manifest.json")
    assert manifest == manifest_at(runner, "runs/latest.json")
    assert (manifest.note_count, manifest.entity_count, manifest.errors) == (4, counts.entities, 0)
    assert [part.key for part in manifest.parts] == list(parts_of(runner, "R"))


def test_the_export_is_what_the_parts_hold(runner: Runner) -> None:
    stored, _ = carry_out(runner, run_id="R")
    lines = b"".join(parts_of(runner, "R").values())
    assert lines == render_lines(read_entities(runner.database, stored.run_no, "R"))
    assert {json.loads(line)["note_id"] for line in lines.splitlines()} == {"a", "b", "d"}


def test_a_finished_run_is_left_alone(runner: Runner) -> None:
    carry_out(runner, run_id="R")
    before = parts_of(runner, "R"), manifest_at(runner, "runs/R/manifest.json")
    stored, beginning = runner.choose(RunChoice("R"))
    assert beginning is Beginning.FINISHED_BEFORE
    runner.work(stored)
    assert (parts_of(runner, "R"), manifest_at(runner, "runs/R/manifest.json")) == before


def test_the_same_notes_give_the_same_entities_in_every_run(runner: Runner) -> None:
    carry_out(runner, run_id="R1")
    carry_out(runner, run_id="R2")
    one, two = (b"".join(parts_of(runner, run_id).values()) for run_id in ("R1", "R2"))
    assert one.replace(b'"run_id":"R1"', b'"run_id":"R2"') == two


def _interruptions() -> Iterator[tuple[str, str]]:
    yield "before the plan", "running.update_catalogue"
    yield "after the catalogue", "running.write_plan"
    yield "in the middle of a shard", "running.describe_part"
    yield "before the end", "finishing.write_quarantine"
    yield "before the manifest", "finishing.publish"


@pytest.mark.parametrize("name", [name for _, name in _interruptions()], ids=[where for where, _ in _interruptions()])
def test_an_interrupted_run_is_completed(runner: Runner, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def stop(*_: object) -> None:
        raise PlatformError("stopped")

    carry_out(runner, run_id="undisturbed")
    with monkeypatch.context() as patch:
        patch.setattr(f"hctap_etl.{name}", stop)
        with pytest.raises(PlatformError, match="stopped"):
            carry_out(runner, run_id="R")
    assert runs.find_run(runner.database, "R").error == "stopped"
    stored, beginning = carry_out(runner, must_resume=True)
    assert (stored.run.run_id, beginning, stored.run.status) == ("R", Beginning.CONTINUED, RunStatus.SUCCEEDED)
    one, two = (b"".join(parts_of(runner, run_id).values()) for run_id in ("undisturbed", "R"))
    assert one.replace(b'"run_id":"undisturbed"', b'"run_id":"R"') == two
    assert manifest_at(runner, "runs/latest.json").run_id == "R"


def test_work_between_object_and_commit_is_done_again_with_the_same_result(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise PlatformError("stopped")

    with monkeypatch.context() as patch:
        patch.setattr(results, "commit_shard", stop)
        with pytest.raises(PlatformError, match="stopped"):
            carry_out(runner, run_id="R")
    orphans = parts_of(runner, "R")
    assert orphans
    assert list(read_entities(runner.database, 1, "R")) == []
    carry_out(runner)
    assert parts_of(runner, "R") == orphans


def test_a_new_run_may_be_begun_beside_an_interrupted_one(runner: Runner) -> None:
    runner.choose(RunChoice("R"))
    stored, beginning = runner.choose(RunChoice(must_be_new=True))
    assert (stored.run.run_id != "R", beginning) == (True, Beginning.NEW)


def test_a_run_of_another_pipeline_is_not_completed(runner: Runner, extractor: Extractor) -> None:
    runner.choose(RunChoice("R"))
    other = replace(runner, crew=Alone(Renamed(extractor)))
    with pytest.raises(RunConflict, match="another pipeline"):
        other.choose(RunChoice("R"))
    stored, beginning = other.choose(RunChoice())
    assert (stored.run.run_id != "R", beginning) == (True, Beginning.NEW)


def test_a_failed_run_is_resumed_under_its_id(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    undisturbed, _ = carry_out(runner, run_id="calm")
    with monkeypatch.context() as patch:
        patch.setattr(running, "finish_run", _raise)
        with pytest.raises(PlatformError):
            carry_out(runner, run_id="R")
    runs.fail_run(runner.database, runs.find_run(runner.database, "R").run_no, "It could not be finished.")
    with pytest.raises(RunConflict, match="is failed") as caught:
        carry_out(runner, run_id="R")
    assert "run --resume R" in str(caught.value.remedy)
    resumed, beginning = carry_out(runner, run_id="R", must_resume=True)
    assert (beginning, resumed.run.status) == (Beginning.CONTINUED, RunStatus.SUCCEEDED)
    assert under("R", "calm", exported(runner, "R")) == exported(runner, undisturbed.run.run_id)


class _Restless(Alone):
    """A crew whose run is cancelled at its first task, and resumed by somebody else while the crew goes home."""

    def __init__(self, extractor: Extractor, database: Database) -> None:
        super().__init__(extractor)
        self._database = database

    def work(self, tasks: Iterable[Task]) -> Generator[tuple[Task, Findings]]:
        try:
            for done in super().work(tasks):
                queue.cancel_run(self._database, "R")
                yield done
        finally:
            runs.reopen_run(self._database, "R")


def test_a_run_that_is_cancelled_and_resumed_at_once_is_not_finished_with_notes_left(
    runner: Runner, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "MIN_SHARD_BYTES", 1)
    with runner.database.twin() as another, pytest.raises(RunConflict, match="has notes left"):
        carry_out(replace(runner, crew=_Restless(extractor, another)), run_id="R")
    assert runs.find_run(runner.database, "R").run.status is RunStatus.RUNNING
    stored, _ = carry_out(runner, run_id="R")
    assert (stored.run.status, stored.run.counts.done, stored.run.counts.pending) == (RunStatus.SUCCEEDED, 3, 0)


def _raise(*_: object, **__: object) -> None:
    raise PlatformError("It could not be finished.")


def test_nothing_to_resume_is_said(runner: Runner) -> None:
    with pytest.raises(RunNotFound, match="no run to resume"):
        runner.choose(RunChoice(must_resume=True))
    carry_out(runner, run_id="R")
    stored, beginning = runner.choose(RunChoice(must_resume=True))
    assert (stored.run.run_id, beginning) == ("R", Beginning.FINISHED_BEFORE)


@pytest.mark.parametrize("run_id", ["a/b", "", "x" * 65, "-x", "é"])
def test_ids_that_cannot_stand_in_a_key_are_refused(runner: Runner, run_id: str) -> None:
    with pytest.raises(BadInput, match="run id"):
        runner.choose(RunChoice(run_id))


def test_two_processes_do_not_work_on_one_run(
    runner: Runner, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, _ = runner.choose(RunChoice("R"))
    monkeypatch.setattr(connection, "LOCK_PATIENCE_SECONDS", 0.2)
    with (
        Database(database_url) as other,
        other.lock(run_lock("R"), busy=""),
        pytest.raises(RunConflict, match="Another process works on the run R"),
    ):
        runner.work(stored)


def test_a_note_that_breaks_the_extractor_is_in_quarantine_with_its_duplicates(
    runner: Runner, extractor: Extractor
) -> None:
    stored, _ = carry_out(replace(runner, crew=Alone(Renamed(extractor, poison="Fever"))), run_id="R")
    counts = stored.run.counts
    assert (stored.run.status, counts.done, counts.duplicates) == (RunStatus.PARTIAL, 2, 0)
    assert counts.by_reason == {"extraction_failed": 2}
    manifest = manifest_at(runner, "runs/R/manifest.json")
    assert (manifest.errors, manifest.error_rate, len(manifest.quarantine)) == (2, 0.5, 2)
    for key in manifest.quarantine:
        reason, raw = runner.lake.enriched.read(key), runner.lake.enriched.read(key.replace(".json", ".raw"))
        assert reason
        assert raw
        record = json.loads(reason.data)
        assert (record["reason"], record["detail"], record["bytes_kept"]) == ("extraction_failed", "ValueError", True)
        assert json.loads(raw.data)["note_id"] == record["note_id"]


@pytest.mark.parametrize("place", ["notes//odd.json", "packs//odd.ndjson"])
def test_bytes_under_a_key_with_an_empty_part_are_kept(runner: Runner, place: str) -> None:
    runner.lake._client.put_object(Bucket=runner.lake.raw.name, Key=place, Body=b"bad")
    carry_out(runner, run_id="R")
    (key,) = manifest_at(runner, "runs/R/manifest.json").quarantine
    raw = runner.lake.enriched.read(key.removesuffix(".json") + ".raw")
    assert raw
    assert raw.data == b"bad"


@pytest.mark.parametrize("place", ["notes/bad.json", "packs/bad.ndjson"])
def test_bytes_that_changed_since_they_were_judged_are_not_kept(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    runner.lake.raw.write(place, b"bad")

    def plan_and_change(database: Database, run_no: int, then: Then | None) -> None:
        write_plan(database, run_no, then)
        runner.lake.raw.write(place, b"other")

    monkeypatch.setattr(running, "write_plan", plan_and_change)
    carry_out(runner, run_id="R")
    (key,) = manifest_at(runner, "runs/R/manifest.json").quarantine
    reason = runner.lake.enriched.read(key)
    assert reason
    assert json.loads(reason.data)["bytes_kept"] is False
    assert runner.lake.enriched.read(key.replace(".json", ".raw")) is None
