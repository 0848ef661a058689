import json
from collections.abc import Iterable
from typing import Any

import pytest

from hctap_core.notes import Note, note_from_json, note_from_record
from hctap_core.sources.records import SourceRecord, judge
from hctap_etl.intake import Intake, IntakeOptions
from hctap_stores.database.batches import Batch
from hctap_stores.lake.keys import note_key
from hctap_stores.lake.lake import Lake


def _note(note_id: str, text: str, **more: Any) -> Note:
    return note_from_record({"note_id": note_id, "specialty": "Urology", "text": text} | more)


def _records(*notes: Note) -> list[SourceRecord]:
    return [SourceRecord(f"file:{place}", note.to_json(), note) for place, note in enumerate(notes, start=1)]


def _take(lake: Lake, records: Iterable[SourceRecord], **options: Any) -> Batch:
    intake = Intake(lake.raw, IntakeOptions(**({"source": "file"} | options)))
    return intake.take(records, lambda _: None)


def _counts(batch: Batch) -> dict[str, Any]:
    return {name: value for name, value in batch.counts.items() if value}


def _stored(lake: Lake, note_id: str) -> Note:
    found = lake.raw.read(note_key(note_id))
    assert found
    return note_from_json(found.data)


FEVER, COUGH, FEVER_AGAIN = _note("a", "Fever"), _note("b", "Cough"), _note("c", "Fever")


def test_notes_come_into_the_lake_once(lake: Lake) -> None:
    first = _take(lake, _records(FEVER, COUGH, FEVER_AGAIN))
    assert _counts(first) == {"read": 3, "new": 3, "duplicate_texts": 1}
    found = lake.raw.read("notes/a.json")
    assert found
    assert (found.data, found.metadata["batch-id"]) == (FEVER.to_json(), first.batch_id)
    again = _take(lake, _records(FEVER, COUGH, FEVER_AGAIN))
    assert _counts(again) == {"read": 3, "unchanged": 3, "duplicate_texts": 1}
    assert lake.raw.read("notes/a.json") == found
    assert again.batch_id != first.batch_id


def test_each_batch_leaves_a_record(lake: Lake) -> None:
    batch = _take(lake, _records(FEVER), source="ward.csv", source_name="ward 7")
    found = lake.raw.read(f"batches/{batch.batch_id}.json")
    assert found
    record = json.loads(found.data)
    assert (record["source"], record["source_name"], record["schema_version"]) == ("ward.csv", "ward 7", 1)
    assert record["counts"] == batch.counts
    assert record["started_at"] <= record["finished_at"]


def test_an_id_with_another_text_is_in_quarantine(lake: Lake) -> None:
    _take(lake, _records(FEVER))
    batch = _take(lake, _records(_note("a", "Cough"), COUGH))
    assert _counts(batch) == {
        "read": 2,
        "new": 1,
        "quarantined": 1,
        "by_reason": {"duplicate_id": 1},
        "duplicate_texts": 1,
    }
    assert _stored(lake, "a").text == "Fever"
    raw = lake.raw.read(f"quarantine/batch={batch.batch_id}/000001.raw")
    reason = lake.raw.read(f"quarantine/batch={batch.batch_id}/000001.reason.json")
    assert raw
    assert reason
    assert raw.data == _note("a", "Cough").to_json()
    record = json.loads(reason.data)
    assert (record["reason"], record["note_id"], record["origin"]) == ("duplicate_id", "a", "file:1")


def test_a_text_may_be_replaced_on_demand(lake: Lake) -> None:
    _take(lake, _records(FEVER))
    assert _counts(_take(lake, _records(_note("a", "Cough")), may_replace=True)) == {"read": 1, "replaced": 1}
    assert _stored(lake, "a").text == "Cough"


@pytest.mark.parametrize("may_replace", [False, True])
def test_within_one_import_the_first_text_of_an_id_stands(lake: Lake, may_replace: bool) -> None:  # noqa: FBT001 - a column
    batch = _take(lake, _records(FEVER, _note("a", "Cough"), FEVER), may_replace=may_replace)
    assert _counts(batch) | {"duplicate_texts": 0} == {
        "read": 3, "new": 1, "unchanged": 1, "quarantined": 1, "by_reason": {"duplicate_id": 1}, "duplicate_texts": 0,
    }  # fmt: skip
    assert _stored(lake, "a").text == "Fever"


def test_other_facts_about_the_same_text_are_updated(lake: Lake) -> None:
    _take(lake, _records(FEVER))
    assert _counts(_take(lake, _records(_note("a", "Fever", patient_id="p")))) == {"read": 1, "replaced": 1}
    assert _stored(lake, "a").patient_id == "p"


def test_labels_are_for_notes_that_have_none(lake: Lake) -> None:
    records = _records(FEVER, _note("b", "Cough", source="own", data_class="public"))
    _take(lake, records, source_name="ward 7", data_class="restricted")
    assert (_stored(lake, "a").source, _stored(lake, "a").data_class) == ("ward 7", "restricted")
    assert (_stored(lake, "b").source, _stored(lake, "b").data_class) == ("own", "public")


def test_what_is_no_note_is_kept_as_it_was(lake: Lake) -> None:
    data = b"Dear \xff colleague\x00"
    batch = _take(lake, [judge("ward.jsonl:7", data, lambda: note_from_json(data))])
    assert _counts(batch) == {"read": 1, "quarantined": 1, "by_reason": {"not_utf8": 1}}
    found = lake.raw.read(f"quarantine/batch={batch.batch_id}/000001.raw")
    assert found
    assert found.data == data


def test_a_broken_object_in_the_lake_is_not_overwritten_unasked(lake: Lake) -> None:
    lake.raw.write("notes/a.json", b"broken")
    assert _counts(_take(lake, _records(FEVER)))["by_reason"] == {"duplicate_id": 1}
    assert _counts(_take(lake, _records(FEVER), may_replace=True)) == {"read": 1, "replaced": 1}


def test_a_note_that_another_import_brings_meanwhile_is_compared(lake: Lake) -> None:
    one = Intake(lake.raw, IntakeOptions(source="one"))
    _take(lake, _records(FEVER, COUGH))
    batch = one.take(_records(FEVER, _note("b", "Gout")), lambda _: None)
    assert _counts(batch) == {"read": 2, "unchanged": 1, "quarantined": 1, "by_reason": {"duplicate_id": 1}}


def test_without_etags_of_md5_notes_are_compared_by_their_bytes(lake: Lake) -> None:
    _take(lake, _records(FEVER))
    intake = Intake(lake.raw, IntakeOptions(source="file"))
    intake._there = dict.fromkeys(intake._there, "an-etag-under-kms")
    assert _counts(intake.take(_records(FEVER), lambda _: None)) == {"read": 1, "unchanged": 1}


def test_progress_is_told_in_bytes(lake: Lake) -> None:
    told: list[int] = []
    records = _records(FEVER, COUGH)
    Intake(lake.raw, IntakeOptions(source="file")).take(records, told.append)
    assert told == [len(record.data) for record in records]
