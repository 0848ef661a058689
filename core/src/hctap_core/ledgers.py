"""Runs in a list, and what became of each of their notes: the records of the API."""

from pydantic import BaseModel, ConfigDict

from hctap_core.reasons import QuarantineReason
from hctap_core.runs import NoteState, Run


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RunPage(_Record):
    """Runs, the newest first; `next_cursor` is null on the last page."""

    runs: tuple[Run, ...]
    next_cursor: str | None = None


class LedgerEntry(_Record):
    """What became of an object of the lake in a run; a note in quarantine has a `reason`."""

    object_key: str
    note_id: str | None = None
    state: NoteState
    reason: QuarantineReason | None = None
    detail: str | None = None
    duplicate_of: str | None = None
    entities: int
    characters: int
    attempt: int
    duration_ms: float | None = None


class LedgerPage(_Record):
    """A page of a run's ledger; `next_cursor` is null on the last page."""

    run_id: str
    notes: tuple[LedgerEntry, ...]
    next_cursor: str | None = None
