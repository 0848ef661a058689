"""Runs on order: what is asked for, what is answered, and how far it has come."""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from hctap_core.runs import Run, RunStatus, Selection

MAX_IDEMPOTENCY_KEY_CHARACTERS: Final = 255


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RunOrder(_Record):
    """A run to be started; `incremental` extracts only what is new or changed since the last run of its kind."""

    extractor: str = Field(default="hybrid", min_length=1, max_length=40)
    selection: Selection | None = None
    incremental: StrictBool = False


class RunAccepted(_Record):
    """A run that waits for its turn or is worked on; `workers` counts the workers that can take it.

    Where there is none, `remedy` says how to start one; the run stays in the queue until then.
    """

    run: Run
    workers: int = Field(ge=0)
    remedy: str | None = None


class RunProgress(_Record):
    """How far a run has come; `seconds_left` is an estimate from the shards that are done, null before the first.

    `settled` counts the notes that need no work any more, of `notes`; both are 0 until the run is planned.
    """

    run_id: str
    status: RunStatus
    notes: int = Field(ge=0)
    settled: int = Field(ge=0)
    quarantined: int = Field(ge=0)
    entities: int = Field(ge=0)
    shards: int = Field(ge=0)
    shards_done: int = Field(ge=0)
    workers: int = Field(ge=0)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    seconds_left: float | None = None
    error: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will change."""
        return self.status not in {RunStatus.QUEUED, RunStatus.RUNNING}


class Worker(_Record):
    """A worker that gave a sign lately."""

    worker_no: int
    extractor: str
    pipeline_hash: str
    jobs_at_once: int
    started_at: datetime
    seen_at: datetime


class WorkerList(_Record):
    """The workers that gave a sign within the last half minute."""

    workers: tuple[Worker, ...]
