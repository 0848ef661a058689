"""Every way in which bytes can be no note, and that no message repeats the writer's words."""

import json
from typing import Any

import pytest

from hctap_core.errors import MalformedRecord
from hctap_core.notes import (
    MAX_NOTE_BYTES,
    MAX_RECORD_BYTES,
    check_record_size,
    md5_of,
    note_from_json,
    note_from_record,
)
from hctap_core.reasons import QuarantineReason as Reason

GOOD: dict[str, Any] = {"note_id": "a", "specialty": "Cardiology", "text": "Fever"}
SECRET = "Mrs. Miller has gout"
# One row for each way in which the bytes of an object can be no note.
BAD: dict[str, tuple[bytes, Reason]] = {
    "not UTF-8": (b'{"note_id": "a", "text": "\xff\xfe"}', Reason.NOT_UTF8),
    "not JSON": (b"Dear colleague,", Reason.NOT_JSON),
    "cut short": (b'{"note_id": "a", "text": "Fev', Reason.NOT_JSON),
    "no bytes": (b"", Reason.NOT_JSON),
    "a list": (b"[]", Reason.NOT_JSON),
    "nested without end": (b"[" * 100_000, Reason.NOT_JSON),
    "a number with 5,000 digits": (b'{"note_id": ' + b"9" * 5000 + b"}", Reason.NOT_JSON),
    "no id": (json.dumps({"specialty": "x", "text": "Fever"}).encode(), Reason.SCHEMA),
    "an id that is a number": (json.dumps(GOOD | {"note_id": 7}).encode(), Reason.SCHEMA),
    "no specialty": (json.dumps({"note_id": "a", "text": "Fever"}).encode(), Reason.SCHEMA),
    "an unknown field": (json.dumps(GOOD | {"colour": "red"}).encode(), Reason.SCHEMA),
    "an unknown field with an odd name": (json.dumps(GOOD | {"a\0\ud800": 1}).encode(), Reason.SCHEMA),
    "no text": (json.dumps(GOOD | {"text": None}).encode(), Reason.SCHEMA),
    "an empty text": (json.dumps(GOOD | {"text": " \n\t"}).encode(), Reason.EMPTY_TEXT),
    "a text of more than 1 MiB": (json.dumps(GOOD | {"text": "x" * (MAX_NOTE_BYTES + 1)}).encode(), Reason.TOO_LARGE),
    "another text's checksum": (json.dumps(GOOD | {"checksum": md5_of("x")}).encode(), Reason.CHECKSUM_MISMATCH),
    "an id with a slash": (json.dumps(GOOD | {"note_id": "a/b"}).encode(), Reason.INVALID_ID),
    "an id with a control character": (json.dumps(GOOD | {"note_id": "a\x07"}).encode(), Reason.INVALID_ID),
    "an id with an unpaired surrogate": (json.dumps(GOOD | {"note_id": "a\ud800"}).encode(), Reason.INVALID_ID),
    "an id of 201 characters": (json.dumps(GOOD | {"note_id": "a" * 201}).encode(), Reason.INVALID_ID),
    "an id too long for a key": (json.dumps(GOOD | {"note_id": "漢" * 120}).encode(), Reason.INVALID_ID),
    "a text with NUL": (json.dumps(GOOD | {"text": "a\0b"}).encode(), Reason.INVALID_TEXT),
    "a text with an unpaired surrogate": (json.dumps(GOOD | {"text": "a\ud800b"}).encode(), Reason.INVALID_TEXT),
    "a specialty with NUL": (json.dumps(GOOD | {"specialty": "a\0b"}).encode(), Reason.INVALID_TEXT),
    "a patient with an unpaired surrogate": (
        json.dumps(GOOD | {"patient_id": "a\udc00"}).encode(),
        Reason.INVALID_TEXT,
    ),
    "a patient that no index takes": (json.dumps(GOOD | {"patient_id": "p" * 501}).encode(), Reason.SCHEMA),
    "a specialty that no index takes": (json.dumps(GOOD | {"specialty": "s" * 501}).encode(), Reason.SCHEMA),
    "a time before the year 1": (
        json.dumps(GOOD | {"authored_at": "0001-01-01T00:00:00+01:00"}).encode(),
        Reason.SCHEMA,
    ),
    "a time after the year 9999": (
        json.dumps(GOOD | {"authored_at": "9999-12-31T23:59:59-05:00"}).encode(),
        Reason.SCHEMA,
    ),
    "a time zone that is on no map": (
        json.dumps(GOOD | {"authored_at": "2026-01-02T03:04:05+18:00"}).encode(),
        Reason.SCHEMA,
    ),
}


@pytest.mark.parametrize(("data", "reason"), BAD.values(), ids=BAD)
def test_bytes_that_are_no_note_have_one_reason(data: bytes, reason: Reason) -> None:
    with pytest.raises(MalformedRecord) as caught:
        note_from_json(data)
    assert caught.value.reason is reason
    assert caught.value.detail.isprintable()
    assert len(caught.value.detail) < 300


def test_the_writers_own_words_are_not_repeated() -> None:
    with pytest.raises(MalformedRecord) as caught:
        note_from_record(GOOD | {f"{SECRET}!": 1, "colour": 2})
    assert "Miller" not in str(caught.value)
    assert "unknown fields: 2" in str(caught.value)


def test_a_note_keeps_what_it_says() -> None:
    note = note_from_json(b"\xef\xbb\xbf" + json.dumps(GOOD | {"text": " Fév\r\n😀 "}).encode())
    assert (note.note_id, note.text, note.checksum) == ("a", " Fév\r\n😀 ", md5_of(" Fév\r\n😀 "))


def test_a_record_is_weighed_before_it_is_read() -> None:
    check_record_size(MAX_RECORD_BYTES)
    with pytest.raises(MalformedRecord, match="too_large"):
        check_record_size(MAX_RECORD_BYTES + 1)
