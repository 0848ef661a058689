"""Runs that carry over what did not change: they give what a full run gives."""

from dataclasses import replace

import pytest
from tests.etl.small_runs import Renamed, bring_in, carry_out, exported, manifest_at, parts_of, under

from hctap_core.notes import note_from_record
from hctap_core.runs import RunStatus
from hctap_etl.crew import Alone
from hctap_etl.running import Runner
from hctap_nlp.extractors import Extractor
from hctap_stores.database import plan


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
    first, _ = carry_out(runner, run_id="R1")
    monkeypatch.setattr("hctap_etl.crew.work_on", None)
    second, _ = carry_out(runner, run_id="R2", is_incremental=True)
    third, _ = carry_out(runner, run_id="R3", is_incremental=True)
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
        assert exported(runner, run_id) == under("R1", run_id, exported(runner, "R1"))
        assert (
            manifest_at(runner, f"runs/{run_id}/manifest.json").parts
            == manifest_at(runner, "runs/R1/manifest.json").parts
        )
        assert parts_of(runner, run_id) == {}


@pytest.mark.parametrize("shard_bytes", [1, 400, 1_000_000])
def test_an_incremental_run_over_changed_notes_finds_what_a_full_one_finds(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, shard_bytes: int
) -> None:
    monkeypatch.setattr(plan, "MIN_SHARD_BYTES", shard_bytes)
    bring_in(runner.lake, {f"n{place}": f"Gout on day {place}. No fever." for place in range(8)})
    runner.lake.raw.write("notes/bad.json", b"bad")
    carry_out(runner, run_id="R1")
    changed = {"n3": "Now asthma.", "new": "Pneumonia."}
    for note_id, text in changed.items():
        note = note_from_record({"note_id": note_id, "specialty": "Urology", "text": text})
        runner.lake.raw.write(f"notes/{note_id}.json", note.to_json())
    runner.lake._client.delete_object(Bucket=runner.lake.raw.name, Key="notes/n5.json")
    incremental, _ = carry_out(runner, run_id="R2", is_incremental=True)
    full, _ = carry_out(runner, run_id="R3", must_be_new=True)
    assert exported(runner, "R2") == under("R3", "R2", exported(runner, "R3"))
    states = _states(runner, "R2")
    assert {note_id for note_id, state in states.items() if state == "done"} == {"n3", "new"}
    assert {note_id for note_id, state in states.items() if state == "unchanged"} == {
        "a", "b", "d", "n0", "n1", "n2", "n4", "n6", "n7",
    }  # fmt: skip
    assert incremental.run.counts.by_type == full.run.counts.by_type
    assert incremental.run.counts.quarantined == full.run.counts.quarantined == 1
    # The objects that the manifest names hold what the tables hold, whichever run wrote them.
    parts = manifest_at(runner, "runs/R2/manifest.json").parts
    found = [runner.lake.enriched.read(part.key) for part in parts]
    lines = {line for item in found if item for line in under("R1", "R2", item.data).splitlines()}
    assert lines == set(exported(runner, "R2").splitlines())
    assert sum(part.rows for part in parts) == full.run.counts.entities


def test_a_note_that_stands_for_a_text_no_longer_is_replaced(runner: Runner) -> None:
    carry_out(runner, run_id="R1")
    runner.lake._client.delete_object(Bucket=runner.lake.raw.name, Key="notes/a.json")
    carry_out(runner, run_id="R2", is_incremental=True)
    carry_out(runner, run_id="R3")
    assert _states(runner, "R2") == {"b": "unchanged", "c": "done", "d": "unchanged"}
    assert exported(runner, "R2") == under("R3", "R2", exported(runner, "R3"))


def test_another_pipeline_carries_nothing_over(runner: Runner, extractor: Extractor) -> None:
    carry_out(runner, run_id="R1")
    stored, _ = carry_out(replace(runner, crew=Alone(Renamed(extractor))), run_id="R2", is_incremental=True)
    assert (stored.run.counts.done, stored.run.counts.unchanged) == (3, 0)


def test_notes_that_failed_are_tried_again(
    runner: Runner, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned = Renamed(extractor, poison="Fever")
    carry_out(replace(runner, crew=Alone(poisoned)), run_id="R1")
    monkeypatch.setattr(poisoned, "_poison", None)
    stored, _ = carry_out(replace(runner, crew=Alone(poisoned)), run_id="R2", is_incremental=True)
    assert _states(runner, "R2") == {"a": "done", "b": "unchanged", "c": "duplicate", "d": "unchanged"}
    assert stored.run.status is RunStatus.SUCCEEDED
