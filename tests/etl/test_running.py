import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from hctap_cli.lines import render_lines
from hctap_cli.progress import Meter
from hctap_core.errors import BadInput, PlatformError, RunConflict, RunNotFound
from hctap_core.notes import note_from_record
from hctap_core.runs import Manifest, RunStatus
from hctap_core.sources.records import SourceRecord
from hctap_etl import running
from hctap_etl.crew import Alone
from hctap_etl.intake import Intake, IntakeOptions
from hctap_etl.running import Beginning, RunChoice, Runner, Then
from hctap_nlp.extraction import Extraction
from hctap_nlp.extractors import Extractor
from hctap_stores.database import connection, plan, results, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.export import read_entities
from hctap_stores.database.plan import write_plan
from hctap_stores.database.runs import StoredRun, run_lock
from hctap_stores.lake.lake import Lake

TEXTS = {"a": "Fever and cough.", "b": "Denies chest pain.", "c": "Fever and cough.", "d": "Aspirin 81 mg daily."}


class Renamed:
    """The real extractor under another version: another pipeline."""

    def __init__(self, inner: Extractor, poison: str | None = None) -> None:
        self.name, self.version, self.vocabulary_hash = inner.name, "other", inner.vocabulary_hash
        self.model_hash = inner.model_hash
        self._inner, self._poison = inner, poison

    def extract(self, text: str) -> Extraction:
        if self._poison and self._poison in text:
            raise ValueError(self._poison)
        return self._inner.extract(text)


@pytest.fixture
def runner(lake: Lake, database: Database, extractor: Extractor, meter: Meter) -> Runner:
    _import(lake, TEXTS)
    return Runner(lake, database, Alone(extractor), meter)


def _import(lake: Lake, texts: dict[str, str]) -> None:
    notes = [note_from_record({"note_id": key, "specialty": "Urology", "text": text}) for key, text in texts.items()]
    records = [SourceRecord(note.note_id, b"", note) for note in notes]
    Intake(lake.raw, IntakeOptions(source="t")).take(records, lambda _: None)


def _run(runner: Runner, **choice: Any) -> tuple[StoredRun, Beginning]:
    stored, beginning = runner.choose(RunChoice(**choice))
    return runner.work(stored), beginning


def _parts(runner: Runner, run_id: str) -> dict[str, bytes]:
    listed = runner.lake.enriched.list(f"entities/run={run_id}/")
    return {item.key: found.data for item in listed if (found := runner.lake.enriched.read(item.key))}


def _manifest(runner: Runner, key: str) -> Manifest:
    found = runner.lake.enriched.read(key)
    assert found
    return Manifest.model_validate_json(found.data)


def test_a_run_answers_for_every_note(runner: Runner) -> None:
    stored, beginning = _run(runner, run_id="R")
    counts = stored.run.counts
    assert (beginning, stored.run.status, stored.is_published) == (Beginning.NEW, RunStatus.SUCCEEDED, True)
    assert (counts.notes, counts.distinct, counts.done, counts.duplicates, counts.pending) == (4, 3, 3, 1, 0)
    assert counts.entities == sum(counts.by_type.values()) > 3
    assert counts.characters == sum(len(text) for text in set(TEXTS.values()))
    manifest = _manifest(runner, "runs/R/manifest.json")
    assert manifest == _manifest(runner, "runs/latest.json")
    assert (manifest.note_count, manifest.entity_count, manifest.errors) == (4, counts.entities, 0)
    assert [part.key for part in manifest.parts] == list(_parts(runner, "R"))


def test_the_export_is_what_the_parts_hold(runner: Runner) -> None:
    stored, _ = _run(runner, run_id="R")
    lines = b"".join(_parts(runner, "R").values())
    assert lines == render_lines(read_entities(runner.database, stored.run_no, "R"))
    assert {json.loads(line)["note_id"] for line in lines.splitlines()} == {"a", "b", "d"}


def test_a_finished_run_is_left_alone(runner: Runner) -> None:
    _run(runner, run_id="R")
    before = _parts(runner, "R"), _manifest(runner, "runs/R/manifest.json")
    stored, beginning = runner.choose(RunChoice("R"))
    assert beginning is Beginning.FINISHED_BEFORE
    runner.work(stored)
    assert (_parts(runner, "R"), _manifest(runner, "runs/R/manifest.json")) == before


def test_the_same_notes_give_the_same_entities_in_every_run(runner: Runner) -> None:
    _run(runner, run_id="R1")
    _run(runner, run_id="R2")
    one, two = (b"".join(_parts(runner, run_id).values()) for run_id in ("R1", "R2"))
    assert one.replace(b'"run_id":"R1"', b'"run_id":"R2"') == two


def _interruptions() -> Iterator[tuple[str, str]]:
    yield "before the plan", "update_catalogue"
    yield "after the catalogue", "write_plan"
    yield "in the middle of a shard", "describe_part"
    yield "before the end", "write_quarantine"
    yield "before the manifest", "publish"


@pytest.mark.parametrize("name", [name for _, name in _interruptions()], ids=[where for where, _ in _interruptions()])
def test_an_interrupted_run_is_completed(runner: Runner, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def stop(*_: object) -> None:
        raise PlatformError("stopped")

    _run(runner, run_id="undisturbed")
    with monkeypatch.context() as patch:
        patch.setattr(running, name, stop)
        with pytest.raises(PlatformError, match="stopped"):
            _run(runner, run_id="R")
    assert runs.find_run(runner.database, "R").error == "stopped"
    stored, beginning = _run(runner, must_resume=True)
    assert (stored.run.run_id, beginning, stored.run.status) == ("R", Beginning.CONTINUED, RunStatus.SUCCEEDED)
    one, two = (b"".join(_parts(runner, run_id).values()) for run_id in ("undisturbed", "R"))
    assert one.replace(b'"run_id":"undisturbed"', b'"run_id":"R"') == two
    assert _manifest(runner, "runs/latest.json").run_id == "R"


def test_work_between_object_and_commit_is_done_again_with_the_same_result(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise PlatformError("stopped")

    with monkeypatch.context() as patch:
        patch.setattr(results, "commit_shard", stop)
        with pytest.raises(PlatformError, match="stopped"):
            _run(runner, run_id="R")
    orphans = _parts(runner, "R")
    assert orphans
    assert list(read_entities(runner.database, 1, "R")) == []
    _run(runner)
    assert _parts(runner, "R") == orphans


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
    undisturbed, _ = _run(runner, run_id="calm")
    with monkeypatch.context() as patch:
        patch.setattr(running, "finish_run", _raise)
        with pytest.raises(PlatformError):
            _run(runner, run_id="R")
    runs.fail_run(runner.database, runs.find_run(runner.database, "R").run_no, "It could not be finished.")
    with pytest.raises(RunConflict, match="is failed") as caught:
        _run(runner, run_id="R")
    assert "run --resume R" in str(caught.value.remedy)
    resumed, beginning = _run(runner, run_id="R", must_resume=True)
    assert (beginning, resumed.run.status) == (Beginning.CONTINUED, RunStatus.SUCCEEDED)
    assert _as("R", "calm", _exported(runner, "R")) == _exported(runner, undisturbed.run.run_id)


def _raise(*_: object) -> None:
    raise PlatformError("It could not be finished.")


def test_nothing_to_resume_is_said(runner: Runner) -> None:
    with pytest.raises(RunNotFound, match="no run to resume"):
        runner.choose(RunChoice(must_resume=True))
    _run(runner, run_id="R")
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
    stored, _ = _run(replace(runner, crew=Alone(Renamed(extractor, poison="Fever"))), run_id="R")
    counts = stored.run.counts
    assert (stored.run.status, counts.done, counts.duplicates) == (RunStatus.PARTIAL, 2, 0)
    assert counts.by_reason == {"extraction_failed": 2}
    manifest = _manifest(runner, "runs/R/manifest.json")
    assert (manifest.errors, manifest.error_rate, len(manifest.quarantine)) == (2, 0.5, 2)
    for key in manifest.quarantine:
        reason, raw = runner.lake.enriched.read(key), runner.lake.enriched.read(key.replace(".json", ".raw"))
        assert reason
        assert raw
        record = json.loads(reason.data)
        assert (record["reason"], record["detail"], record["bytes_kept"]) == ("extraction_failed", "ValueError", True)
        assert json.loads(raw.data)["note_id"] == record["note_id"]


def test_bytes_that_changed_since_they_were_judged_are_not_kept(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.lake.raw.write("notes/bad.json", b"bad")

    def plan_and_change(database: Database, run_no: int, then: Then | None) -> None:
        write_plan(database, run_no, then)
        runner.lake.raw.write("notes/bad.json", b"other")

    monkeypatch.setattr(running, "write_plan", plan_and_change)
    _run(runner, run_id="R")
    (key,) = _manifest(runner, "runs/R/manifest.json").quarantine
    reason = runner.lake.enriched.read(key)
    assert reason
    assert json.loads(reason.data)["bytes_kept"] is False
    assert runner.lake.enriched.read(key.replace(".json", ".raw")) is None


def _exported(runner: Runner, run_id: str) -> bytes:
    return render_lines(read_entities(runner.database, runs.find_run(runner.database, run_id).run_no, run_id))


def _as(run_id: str, other: str, lines: bytes) -> bytes:
    return lines.replace(f'"run_id":"{run_id}"'.encode(), f'"run_id":"{other}"'.encode())


def _states(runner: Runner, run_id: str) -> dict[str, str]:
    with runner.database.transaction() as connection:
        return dict(
            connection.execute(
                "SELECT note_id, state FROM run_notes JOIN runs USING (run_no) WHERE run_id = %s", (run_id,)
            ).fetchall()
        )


def test_an_incremental_run_over_unchanged_notes_extracts_nothing(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = _run(runner, run_id="R1")
    monkeypatch.setattr("hctap_etl.crew.work_on", None)
    second, _ = _run(runner, run_id="R2", is_incremental=True)
    third, _ = _run(runner, run_id="R3", is_incremental=True)
    for stored in (second, third):
        counts = stored.run.counts
        assert (counts.done, counts.unchanged, counts.duplicates, counts.entities) == (
            0,
            3,
            1,
            first.run.counts.entities,
        )
        assert (counts.by_type, counts.distinct) == (first.run.counts.by_type, 3)
        run_id = stored.run.run_id
        assert _exported(runner, run_id) == _as("R1", run_id, _exported(runner, "R1"))
        assert (
            _manifest(runner, f"runs/{run_id}/manifest.json").parts == _manifest(runner, "runs/R1/manifest.json").parts
        )
        assert _parts(runner, run_id) == {}


@pytest.mark.parametrize("shard_bytes", [1, 400, 1_000_000])
def test_an_incremental_run_over_changed_notes_finds_what_a_full_one_finds(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, shard_bytes: int
) -> None:
    monkeypatch.setattr(plan, "MIN_SHARD_BYTES", shard_bytes)
    _import(runner.lake, {f"n{place}": f"Gout on day {place}. No fever." for place in range(8)})
    runner.lake.raw.write("notes/bad.json", b"bad")
    _run(runner, run_id="R1")
    changed = {"n3": "Now asthma.", "new": "Pneumonia."}
    for note_id, text in changed.items():
        note = note_from_record({"note_id": note_id, "specialty": "Urology", "text": text})
        runner.lake.raw.write(f"notes/{note_id}.json", note.to_json())
    runner.lake._client.delete_object(Bucket=runner.lake.raw.name, Key="notes/n5.json")
    incremental, _ = _run(runner, run_id="R2", is_incremental=True)
    full, _ = _run(runner, run_id="R3", must_be_new=True)
    assert _exported(runner, "R2") == _as("R3", "R2", _exported(runner, "R3"))
    states = _states(runner, "R2")
    assert {note_id for note_id, state in states.items() if state == "done"} == {"n3", "new"}
    assert {note_id for note_id, state in states.items() if state == "unchanged"} == {
        "a", "b", "d", "n0", "n1", "n2", "n4", "n6", "n7",
    }  # fmt: skip
    assert incremental.run.counts.by_type == full.run.counts.by_type
    assert incremental.run.counts.quarantined == full.run.counts.quarantined == 1
    # The objects that the manifest names hold what the tables hold, whichever run wrote them.
    parts = _manifest(runner, "runs/R2/manifest.json").parts
    found = [runner.lake.enriched.read(part.key) for part in parts]
    lines = {line for item in found if item for line in _as("R1", "R2", item.data).splitlines()}
    assert lines == set(_exported(runner, "R2").splitlines())
    assert sum(part.rows for part in parts) == full.run.counts.entities


def test_a_note_that_stands_for_a_text_no_longer_is_replaced(runner: Runner) -> None:
    _run(runner, run_id="R1")
    runner.lake._client.delete_object(Bucket=runner.lake.raw.name, Key="notes/a.json")
    _run(runner, run_id="R2", is_incremental=True)
    _run(runner, run_id="R3")
    assert _states(runner, "R2") == {"b": "unchanged", "c": "done", "d": "unchanged"}
    assert _exported(runner, "R2") == _as("R3", "R2", _exported(runner, "R3"))


def test_another_pipeline_carries_nothing_over(runner: Runner, extractor: Extractor) -> None:
    _run(runner, run_id="R1")
    stored, _ = _run(replace(runner, crew=Alone(Renamed(extractor))), run_id="R2", is_incremental=True)
    assert (stored.run.counts.done, stored.run.counts.unchanged) == (3, 0)


def test_notes_that_failed_are_tried_again(
    runner: Runner, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned = Renamed(extractor, poison="Fever")
    _run(replace(runner, crew=Alone(poisoned)), run_id="R1")
    monkeypatch.setattr(poisoned, "_poison", None)
    stored, _ = _run(replace(runner, crew=Alone(poisoned)), run_id="R2", is_incremental=True)
    assert _states(runner, "R2") == {"a": "done", "b": "unchanged", "c": "duplicate", "d": "unchanged"}
    assert stored.run.status is RunStatus.SUCCEEDED
