"""Notes that are deleted: why, by whom, and how far the lake is cleared of them."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

TOMBSTONE_VERSION: Final = 1


class DeletionReason(StrEnum):
    """Why a note is deleted: a closed set, since free words in an address end in the logs of others."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    PATIENT_REQUEST = "patient_request"
    WRONG_PATIENT = "wrong_patient"
    IMPORTED_IN_ERROR = "imported_in_error"
    RETENTION_ENDED = "retention_ended"
    LEGAL_ORDER = "legal_order"


class DeletionState(StrEnum):
    """`erasing`: gone from the database, and a worker clears the lake; `erased`: gone from both."""

    ERASING = "erasing"
    ERASED = "erased"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Deletion(_Record):
    """What is left of a deleted note: its id, the sha256 of its last text where that is known, who, when and why.

    `runs` counts the earlier runs from which its results were taken.
    """

    note_id: str
    content_sha256: str | None = None
    reason: DeletionReason
    state: DeletionState
    runs: int = Field(ge=0)
    deleted_by: str
    deleted_at: datetime
    erased_at: datetime | None = None


class Tombstone(_Record):
    """What the lake keeps of a deleted note, out of reach of the database's backups: no text, and where it lay.

    `raw`, `packs` and `parts` are keys of objects, `surrogates` pairs of sha256 (a raw text, and what was read in its
    place), `quarantine` pairs of a run's id and the key under which the run knew the note.
    """

    schema_version: Literal[1] = 1
    note_id: str
    content_sha256: str | None = None
    reason: DeletionReason
    deleted_by: str
    deleted_at: datetime
    raw: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    surrogates: tuple[tuple[str, str], ...] = ()
    quarantine: tuple[tuple[str, str], ...] = ()


class DeletionAccepted(_Record):
    """A deletion; `remedy` says what to do where no worker is there to clear the lake."""

    deletion: Deletion
    workers: int = Field(ge=0)
    remedy: str | None = None
