"""Every way in which an object can be no note, in one lake: the run finishes and answers for each."""

import json
from collections.abc import Callable

from tests.command_line import Outcome
from tests.core.test_note_faults import BAD, GOOD

from hctap_core.notes import MAX_RECORD_BYTES
from hctap_core.reasons import QuarantineReason as Reason
from hctap_core.runs import Manifest
from hctap_stores.database import runs
from hctap_stores.database.connection import Database
from hctap_stores.lake.keys import quarantine_key
from hctap_stores.lake.lake import Lake

RUN = ("run", "--run-id", "R", "--extractor", "rules")


def _note(note_id: str, text: str) -> bytes:
    return json.dumps(GOOD | {"note_id": note_id, "text": text}).encode()


def _objects() -> dict[str, tuple[bytes, Reason | None]]:
    """What lies in the raw bucket, and the reason for quarantine, None for a note."""
    objects: dict[str, tuple[bytes, Reason | None]] = {
        f"notes/{place:02}.json": bad for place, bad in enumerate(BAD.values())
    }
    return objects | {
        "notes/good.json": (_note("good", "Fever and cough."), None),
        "old.json": (_note("old", "Chest pain."), None),
        "notes/same-text.json": (_note("same-text", "Fever and cough."), None),
        "good.json": (_note("good", "Another text under a known id."), Reason.DUPLICATE_ID),
        "notes/film.json": (b"x" * (MAX_RECORD_BYTES + 1), Reason.TOO_LARGE),
        "notes/sub/folder.json": (b"[]", Reason.NOT_JSON),
        "notes/odd \x01\n//./key.json": (b"\xff", Reason.NOT_UTF8),
        "notes/readme.txt": (b"Hello", Reason.NOT_JSON),
    }


def test_a_run_over_bad_notes_answers_for_each(hctap: Callable[..., Outcome], lake: Lake, database: Database) -> None:
    objects = _objects()
    for key, (data, _) in objects.items():
        lake._client.put_object(Bucket=lake.raw.name, Key=key, Body=data)
    lake._client.put_object(Bucket=lake.raw.name, Key="notes/", Body=b"")
    lake._client.put_object(Bucket=lake.raw.name, Key="readme.txt", Body=b"not under notes/")

    outcome = hctap(*RUN)

    assert outcome.code == 3, outcome.err
    stored = runs.find_run(database, "R")
    counts = stored.run.counts
    bad = {key: reason for key, (_, reason) in objects.items() if reason}
    assert (counts.notes, counts.done, counts.duplicates, counts.pending) == (len(objects), 2, 1, 0)
    assert counts.quarantined == len(bad)
    assert {item.object_key: item.reason for item in runs.list_quarantine(database, stored.run_no)} == bad
    assert counts.by_reason == {reason: list(bad.values()).count(reason) for reason in bad.values()}

    found = lake.enriched.read("runs/R/manifest.json")
    assert found
    manifest = Manifest.model_validate_json(found.data)
    assert (manifest.status, manifest.note_count, manifest.errors) == ("partial", len(objects), len(bad))
    assert set(manifest.quarantine) == {quarantine_key("R", key) for key in bad}
    for key, reason in bad.items():
        _check_quarantine(lake, key, objects[key][0], reason)
    assert all(reason.value in outcome.out for reason in set(bad.values()))


def test_a_second_run_reads_no_bad_note_again_and_finds_the_same(
    hctap: Callable[..., Outcome], lake: Lake, database: Database
) -> None:
    for key, (data, _) in _objects().items():
        lake._client.put_object(Bucket=lake.raw.name, Key=key, Body=data)
    assert hctap(*RUN).code == 3
    second = hctap("run", "--run-id", "R2", "--extractor", "rules")
    assert second.code == 3
    assert "lake_read" not in second.err
    one, two = (runs.list_quarantine(database, runs.find_run(database, run_id).run_no) for run_id in ("R", "R2"))
    assert one == two


def test_every_reason_is_shown_here_or_where_an_accident_is_made() -> None:
    # `test_cataloguing.py` deletes an object under the run, `test_running.py` has a text that breaks the extractor,
    # `test_phi_policies.py` has identifiers, `test_spending.py` a limit of cost,
    # `test_erasing.py` deletes a note.
    shown = {reason for _, reason in _objects().values() if reason}
    assert {*Reason} - shown == {
        Reason.CHANGED_DURING_RUN,
        Reason.EXTRACTION_FAILED,
        Reason.PHI,
        Reason.MAX_COST,
        Reason.DELETED,
    }


def _check_quarantine(lake: Lake, key: str, data: bytes, reason: Reason) -> None:
    place = quarantine_key("R", key)
    found, raw = lake.enriched.read(place), lake.enriched.read(place.removesuffix(".json") + ".raw")
    assert found
    record = json.loads(found.data)
    assert (record["key"], record["reason"], record["run_id"]) == (key, reason, "R")
    assert record["remedy"]
    if len(data) > MAX_RECORD_BYTES:
        assert (raw, record["bytes_kept"]) == (None, False)
    else:
        assert raw
        assert (raw.data, record["bytes_kept"]) == (data, True)
