"""A run: one pipeline over the notes of the lake, with an answer for each note."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from hctap_core.coverage import Coverage
from hctap_core.phi import PhiKind
from hctap_core.reasons import QuarantineReason
from hctap_core.words import Storable

MANIFEST_VERSION: Final = 3
RUN_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_RUN_ID = re.compile(RUN_ID_PATTERN.strip("^$"))


class RunStatus(StrEnum):
    """Where a run stands. `partial`: finished, with notes in quarantine."""

    QUEUED = "queued"
    RUNNING = "running"
    PARTIAL = "partial"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINISHED = frozenset({RunStatus.PARTIAL, RunStatus.SUCCEEDED})
# What may become of a run; the database refuses everything else. A failed or cancelled one that is resumed goes on.
NEXT_STATUS: Final[Mapping[RunStatus, frozenset[RunStatus]]] = {
    RunStatus.QUEUED: frozenset({RunStatus.RUNNING, RunStatus.FAILED, RunStatus.CANCELLED}),
    RunStatus.RUNNING: FINISHED | {RunStatus.FAILED, RunStatus.CANCELLED},
    RunStatus.FAILED: frozenset({RunStatus.QUEUED, RunStatus.RUNNING}),
    RunStatus.CANCELLED: frozenset({RunStatus.QUEUED, RunStatus.RUNNING}),
    RunStatus.PARTIAL: frozenset(),
    RunStatus.SUCCEEDED: frozenset(),
}


class NoteState(StrEnum):
    """Where a note stands in a run. `duplicate`: another note of the run has the same text and stands for it."""

    PENDING = "pending"
    DONE = "done"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    UNCHANGED = "unchanged"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pipeline(_Record):
    """What made the results: the same pipeline on the same note gives the same bytes."""

    extractor: str
    extractor_version: str
    code_version: str
    vocabulary: str | None = None
    model: str | None = None
    settings: dict[str, str] = Field(default_factory=dict)

    @property
    def hash(self) -> str:
        """The sha256 of the pipeline's canonical JSON."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


class RunCounts(_Record):
    """What became of the notes: `notes` = `done` + `duplicates` + `quarantined` + `pending` + `unchanged`.

    `phi` counts identifiers of persons in distinct texts by their kind, `phi_notes` the texts that have any. `usage`
    sums up what a service was asked: requests, units, tokens, milliseconds, dropped answers, US dollars. `coverage` is
    that of a finished run.
    """

    notes: int = 0
    distinct: int = 0
    done: int = 0
    duplicates: int = 0
    quarantined: int = 0
    pending: int = 0
    unchanged: int = 0
    entities: int = 0
    characters: int = 0
    by_type: dict[str, int] = Field(default_factory=dict)
    by_reason: dict[QuarantineReason, int] = Field(default_factory=dict)
    phi: dict[PhiKind, int] = Field(default_factory=dict)
    phi_notes: int = 0
    usage: dict[str, float] = Field(default_factory=dict)
    coverage: Coverage | None = None


class Selection(_Record):
    """Which notes a run reads, where not all: those of some specialties, and of these the first by object key."""

    specialties: tuple[Storable, ...] | None = Field(default=None, min_length=1, max_length=100)
    limit: int | None = Field(default=None, ge=1, le=100_000_000)


class Part(_Record):
    """One object of a run's results in the lake."""

    key: str
    sha256: str
    rows: int
    bytes: int


class Run(_Record):
    """A run as the API and the command line show it; durations are milliseconds a note.

    A `selection` says that it does not read all notes; `error` is what stopped it last. Until a worker takes a run that
    was ordered through the API, its pipeline names the extractor alone.
    """

    run_id: str
    status: RunStatus
    pipeline: Pipeline
    pipeline_hash: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    counts: RunCounts = RunCounts()
    duration_ms_p50: float | None = None
    duration_ms_p95: float | None = None
    notes_per_second: float | None = None
    evaluation: dict[str, Any] = Field(default_factory=dict)
    is_incremental: bool = False
    selection: Selection | None = None
    error: str | None = None


class Manifest(_Record):
    """What a finished run left in the lake; HC-TAP's keys of `runs/latest.json` keep their names."""

    manifest_version: Literal[3] = MANIFEST_VERSION
    run_id: str
    status: RunStatus
    extractor: str
    ts: datetime
    ts_started: datetime
    ts_finished: datetime
    note_count: int
    entity_count: int
    error_rate: float
    errors: int
    duration_ms_p50: float | None = None
    duration_ms_p95: float | None = None
    counts: RunCounts
    pipeline: Pipeline
    pipeline_hash: str
    parts: tuple[Part, ...]
    products: tuple[Part, ...] = ()
    quarantine: tuple[str, ...] = ()
    evaluation: dict[str, Any] = Field(default_factory=dict)


def new_run_id(extractor: str, now: datetime | None = None) -> str:
    """A run id that sorts by time, such as `20261121T093000Z-rules`."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    return f"{moment:%Y%m%dT%H%M%SZ}-{extractor}"


def is_valid_run_id(run_id: str) -> bool:
    """Whether an id can stand in an object key and in an address: 1 to 64 of letters, digits, `.`, `_`, `-`."""
    return _RUN_ID.fullmatch(run_id) is not None
