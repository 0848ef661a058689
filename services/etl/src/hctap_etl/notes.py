"""Bytes and fields of any origin into a note that every store can keep."""

import re
from typing import Any, Final

from hctap_core.errors import MalformedRecord
from hctap_core.notes import MAX_RECORD_BYTES, Note, note_from_json, note_from_record
from hctap_core.reasons import QuarantineReason
from hctap_stores.lake.keys import MAX_KEY_BYTES, note_key

_NAME: Final = re.compile(r"[A-Za-z0-9_.:'/() ]{1,90}")
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def note_from_bytes(data: bytes) -> Note:
    """The note in the bytes of one JSON object.

    Raises:
        MalformedRecord: With the reason for quarantine; the message holds no note text.
    """
    try:
        return _check_fields(note_from_json(data))
    except ValueError:
        # JSON of numbers with thousands of digits, which Python refuses to read.
        raise MalformedRecord(QuarantineReason.NOT_JSON, "the bytes are not JSON") from None
    except MalformedRecord as fault:
        raise _without_foreign_names(fault) from None


def note_from_fields(fields: dict[str, Any]) -> Note:
    """The note in decoded fields.

    Raises:
        MalformedRecord: With the reason for quarantine; the message holds no note text.
    """
    try:
        return _check_fields(note_from_record(fields))
    except MalformedRecord as fault:
        raise _without_foreign_names(fault) from None


def check_size(size: int) -> None:
    """See that a record is not larger than any note may be, before it is read.

    Raises:
        MalformedRecord: If it is.
    """
    if size > MAX_RECORD_BYTES:
        raise MalformedRecord(QuarantineReason.TOO_LARGE, f"{size} bytes in one record")


def _without_foreign_names(fault: MalformedRecord) -> MalformedRecord:
    # The names of unknown fields are the writer's own words: only what looks like a name is repeated.
    words = [word if _NAME.fullmatch(word) else "(unprintable)" for word in fault.detail.split(", ")]
    return MalformedRecord(fault.reason, ", ".join(words[:10]), note_id=fault.note_id)


def _check_fields(note: Note) -> Note:
    for name, value in note.model_dump(exclude={"text"}).items():
        if isinstance(value, str) and _UNSTORABLE.search(value):
            detail = f"lone surrogates or NUL in {name}"
            raise MalformedRecord(QuarantineReason.INVALID_TEXT, detail, note_id=note.note_id)
    if len(note_key(note.note_id).encode()) > MAX_KEY_BYTES:
        raise MalformedRecord(QuarantineReason.INVALID_ID, "note_id is too long for an object's key")
    return note
