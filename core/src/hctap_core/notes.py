"""A clinical note as it is stored, and how bytes become one."""

import hashlib
import json
import re
import unicodedata
from typing import Any, Final, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hctap_core.errors import MalformedRecord
from hctap_core.moments import DatedMoment
from hctap_core.reasons import QuarantineReason

NOTE_SCHEMA_VERSION: Final = 1
MAX_NOTE_BYTES = 1_048_576
MAX_NOTE_ID_CHARACTERS = 200
# The record around the text (metadata, JSON escapes such as \u00e9 at six bytes a character) may be larger than it.
MAX_RECORD_BYTES = 8 * MAX_NOTE_BYTES

# The database finds notes by these, and an entry of its indexes has 2,704 bytes at most.
MAX_INDEXED_CHARACTERS: Final = 500
_INDEXED: Final = ("specialty", "patient_id")
# An S3 key has at most 1,024 bytes; prefix and ending take some of them.
_MOST_QUOTED_BYTES = 1000
# Most ids; the others are looked at letter by letter.
_PLAIN_ID = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{MAX_NOTE_ID_CHARACTERS - 1}}}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Note(BaseModel):
    """One clinical note: HC-TAP's four fields, and what else is known about it.

    `text` is kept as given; every offset of the platform counts its code points. `checksum` is the md5 of the
    text in UTF-8 (HC-TAP's own), `content_sha256` the sha256 of the same bytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = NOTE_SCHEMA_VERSION
    note_id: str = Field(min_length=1, max_length=MAX_NOTE_ID_CHARACTERS)
    specialty: str = Field(min_length=1)
    text: str = Field(min_length=1)
    checksum: str = Field(pattern="^[0-9a-f]{32}$")
    content_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    patient_id: str | None = None
    encounter_id: str | None = None
    note_type: str | None = None
    authored_at: DatedMoment = None
    source: str | None = None
    language: str | None = None
    data_class: Literal["public", "internal", "confidential", "restricted"] | None = None

    def to_json(self) -> bytes:
        """The note as one line of UTF-8 JSON: the same note gives the same bytes."""
        record = self.model_dump(mode="json", exclude_none=True)
        return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


# What a record may say beside its text.
_LABELS: Final = frozenset(Note.model_fields) - {"text"}


def md5_of(text: str) -> str:
    """HC-TAP's checksum of a text: the md5 of its UTF-8 bytes, in hexadecimal."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def sha256_of(text: str) -> str:
    """The sha256 of a text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_valid_note_id(note_id: str) -> bool:
    """Whether an id can stand in an object key and in an address."""
    if _PLAIN_ID.fullmatch(note_id):
        return True
    if not 1 <= len(note_id) <= MAX_NOTE_ID_CHARACTERS or note_id != note_id.strip() or note_id in {".", ".."}:
        return False
    if len(quote(note_id.encode(errors="replace"), safe="")) > _MOST_QUOTED_BYTES:
        return False
    return not any(char == "/" or unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in note_id)


def note_from_record(record: dict[str, Any]) -> Note:
    """The note in a decoded record; computes the hashes and verifies the checksum where one is given.

    Raises:
        MalformedRecord: With the reason for quarantine; the message holds no note text.
    """
    note_id = record.get("note_id")
    if not isinstance(note_id, str):
        raise MalformedRecord(QuarantineReason.SCHEMA, "note_id is missing or not a string")
    if not is_valid_note_id(note_id):
        raise MalformedRecord(QuarantineReason.INVALID_ID, "note_id has a '/', a control character or a bad length")
    text = record.get("text")
    if not isinstance(text, str):
        raise MalformedRecord(QuarantineReason.SCHEMA, "text is missing or not a string", note_id=note_id)
    encoded = _encode_text(text, note_id)
    for name, value in record.items():
        if name in _LABELS and isinstance(value, str) and _UNSTORABLE.search(value):
            raise MalformedRecord(QuarantineReason.INVALID_TEXT, f"lone surrogates or NUL in {name}", note_id=note_id)
    checksum = hashlib.md5(encoded, usedforsecurity=False).hexdigest()
    sha256 = hashlib.sha256(encoded).hexdigest()
    if record.get("checksum") not in (None, checksum):
        raise MalformedRecord(QuarantineReason.CHECKSUM_MISMATCH, f"the text's md5 is {checksum}", note_id=note_id)
    if record.get("content_sha256") not in (None, sha256):
        raise MalformedRecord(QuarantineReason.CHECKSUM_MISMATCH, f"the text's sha256 is {sha256}", note_id=note_id)
    try:
        note = Note.model_validate(record | {"checksum": checksum, "content_sha256": sha256})
    except ValidationError as error:
        raise MalformedRecord(QuarantineReason.SCHEMA, _faults_of(error), note_id=note_id) from None
    _check_is_storable(note)
    return note


def _check_is_storable(note: Note) -> None:
    # One note that the database refuses would end every run over the lake that it lies in.
    for name in _INDEXED:
        if len(getattr(note, name) or "") > MAX_INDEXED_CHARACTERS:
            detail = f"more than {MAX_INDEXED_CHARACTERS} characters in {name}"
            raise MalformedRecord(QuarantineReason.SCHEMA, detail, note_id=note.note_id)


def _faults_of(error: ValidationError) -> str:
    # The names of unknown fields are the writer's own words, so they are counted and not repeated.
    fields = {".".join(str(part) for part in item["loc"]) for item in error.errors(include_input=False)}
    known = sorted(field for field in fields if field == "text" or field in _LABELS)
    unknown = len(fields) - len(known)
    return ", ".join([f"fields: {', '.join(known)}"] * bool(known) + [f"unknown fields: {unknown}"] * bool(unknown))


def check_record_size(size: int) -> None:
    """See that a record is not larger than any note may be, before it is read.

    Raises:
        MalformedRecord: If it is.
    """
    if size > MAX_RECORD_BYTES:
        raise MalformedRecord(QuarantineReason.TOO_LARGE, f"{size} bytes in one record")


def note_from_json(data: bytes) -> Note:
    """The note in the bytes of one JSON object.

    Raises:
        MalformedRecord: With the reason for quarantine; the message holds no note text.
    """
    return note_from_record(record_from_json(data))


def record_from_json(data: bytes) -> dict[str, Any]:
    """The JSON object in some bytes, which may become a note.

    Raises:
        MalformedRecord: With the reason for quarantine; the message holds no note text.
    """
    check_record_size(len(data))
    try:
        decoded = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedRecord(QuarantineReason.NOT_UTF8, f"byte {error.start}") from None
    try:
        record = json.loads(decoded)
    except (ValueError, RecursionError):  # also for numbers of more digits than Python reads
        raise MalformedRecord(QuarantineReason.NOT_JSON, "the bytes are not JSON") from None
    if not isinstance(record, dict):
        raise MalformedRecord(QuarantineReason.NOT_JSON, "the JSON is not an object")
    return record


def _encode_text(text: str, note_id: str) -> bytes:
    if not text or text.isspace():
        raise MalformedRecord(QuarantineReason.EMPTY_TEXT, "the text is empty", note_id=note_id)
    try:
        encoded = text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        encoded = b"\x00"
    if b"\x00" in encoded:
        raise MalformedRecord(QuarantineReason.INVALID_TEXT, "lone surrogates or NUL in the text", note_id=note_id)
    if len(encoded) > MAX_NOTE_BYTES:
        raise MalformedRecord(QuarantineReason.TOO_LARGE, f"{len(encoded)} bytes of text", note_id=note_id)
    return encoded
