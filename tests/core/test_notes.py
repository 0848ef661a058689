"""How bytes become a note, and why some do not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hctap_core.errors import MalformedRecord
from hctap_core.notes import is_valid_note_id, md5_of, note_from_json, note_from_record, sha256_of
from hctap_core.reasons import REASON_HELP, QuarantineReason

GOOD: dict[str, Any] = {"note_id": "n1", "specialty": "Cardiology", "text": "BP 120/80."}


def test_hashes_are_computed_where_they_are_missing() -> None:
    note = note_from_record(GOOD)
    assert note.checksum == md5_of(GOOD["text"])
    assert note.content_sha256 == sha256_of(GOOD["text"])


def test_the_same_note_gives_the_same_bytes_and_survives_the_way_back() -> None:
    note = note_from_record(GOOD | {"text": "Fièvre 38,5 °C\r\n", "authored_at": "2025-03-02T09:30:00Z"})
    assert note.to_json() == note.to_json()
    assert note_from_json(note.to_json()) == note


def test_a_byte_order_mark_is_not_part_of_the_note() -> None:
    assert note_from_json(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()).note_id == "n1"


def test_an_error_holds_no_note_text() -> None:
    record = GOOD | {"text": "Jane Doe has gout", "authored_at": "Jane Doe has gout"}
    with pytest.raises(MalformedRecord) as caught:
        note_from_record(record)
    assert "Jane" not in str(caught.value)
    assert caught.value.note_id == "n1"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "said", [20250422, "20250422", "1745319900", 1.5, "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+14:00"]
)
def test_digits_are_no_date_and_utc_must_have_it(said: object) -> None:
    with pytest.raises(MalformedRecord) as caught:
        note_from_record(GOOD | {"authored_at": said})
    assert (caught.value.reason, caught.value.detail) == (QuarantineReason.SCHEMA, "fields: authored_at")


@pytest.mark.parametrize("said", ["2025-04-22", "2025-04-22T11:05:00", "2025-04-22 11:05:00+02:00"])
def test_a_date_needs_no_time_and_no_zone(said: str) -> None:
    note = note_from_record(GOOD | {"authored_at": said})
    assert note.authored_at
    assert note.authored_at.date().isoformat() == "2025-04-22"


def test_every_reason_has_a_remedy() -> None:
    assert set(REASON_HELP) == set(QuarantineReason)


@pytest.mark.parametrize("note_id", ["", " x", "x ", "..", ".", "a/b", "a\x00", "a\u200b", "\ud800"])
def test_ids_that_no_key_can_hold_are_refused(note_id: str) -> None:
    assert not is_valid_note_id(note_id)


@pytest.mark.parametrize("note_id", ["note_001", "MTSamples 12", "é-1", "a.b", "a%2Fb", "x" * 200])
def test_ordinary_ids_are_accepted(note_id: str) -> None:
    assert is_valid_note_id(note_id)


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    try:
        note_from_json(data)
    except MalformedRecord as error:
        assert error.reason in QuarantineReason
