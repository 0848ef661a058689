"""Notes that come through the API: what is said of them, where they are kept, and how far they have come."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from hctap_core.moments import Moment
from hctap_core.notes import MAX_NOTE_ID_CHARACTERS
from hctap_core.words import SAID

MAX_UPLOAD_BYTES: Final = 10 * 1_048_576
UNKNOWN_SPECIALTY: Final = "Unknown"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NoteFields(_Record):
    """What is known of a note beside its text; without an id it gets one from its text.

    With `extractor` the note is read by a worker as soon as one is free; without it, by the next run.
    """

    note_id: str | None = Field(default=None, min_length=1, max_length=MAX_NOTE_ID_CHARACTERS)
    specialty: str = Field(default=UNKNOWN_SPECIALTY, min_length=1, max_length=200)
    patient_id: str | None = Field(default=None, min_length=1, max_length=200)
    encounter_id: str | None = Field(default=None, min_length=1, max_length=200)
    note_type: str | None = Field(default=None, min_length=1, max_length=200)
    authored_at: Moment | None = None
    source: str | None = Field(default=None, min_length=1, max_length=200)
    language: str | None = Field(default=None, min_length=1, max_length=40)
    data_class: Literal["public", "internal", "confidential", "restricted"] | None = None
    extractor: str | None = Field(default="hybrid", min_length=1, max_length=40)


class NoteUpload(NoteFields):
    """A note with its text."""

    text: str = Field(min_length=1, json_schema_extra=SAID)


class UploadState(StrEnum):
    """How far an uploaded note has come: kept, being read by a run, read, or set aside by it."""

    UPLOADED = "uploaded"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class Upload(_Record):
    """A note that came through the API; `run_id` is the run that reads it, `reason` why it could not."""

    upload_no: int
    note_id: str
    state: UploadState
    media_type: str
    bytes: int
    sha256: str
    characters: int
    run_id: str | None = None
    reason: str | None = None
    created_by: str
    created_at: datetime


class UploadAccepted(_Record):
    """A note that is kept; `remedy` says what to do where nobody is there to read it."""

    upload: Upload
    workers: int = Field(ge=0)
    remedy: str | None = None
