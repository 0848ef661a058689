"""Exports of runs: in which form, how far they have come, and what they left."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class ExportForm(StrEnum):
    """The forms that an export may have."""

    CSV = "csv"
    PARQUET = "parquet"
    OMOP = "omop"
    FHIR = "fhir"
    COMPREHEND = "comprehend"


class ExportState(StrEnum):
    """How far an export has come."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExportOrder(_Record):
    """A run to be exported, the latest by default."""

    form: ExportForm
    run_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


class ExportFile(_Record):
    """A file of an export."""

    name: str
    sha256: str
    bytes: int


class Export(_Record):
    """An export of a run; its files are there when it is completed, and `error` says why it failed."""

    export_no: int
    run_id: str
    form: ExportForm
    state: ExportState
    notes: int | None = None
    entities: int | None = None
    files: tuple[ExportFile, ...] = ()
    error: str | None = None
    created_by: str
    created_at: datetime
    finished_at: datetime | None = None


class ExportList(_Record):
    """The exports, the newest first."""

    exports: tuple[Export, ...]


class ExportAccepted(_Record):
    """An export that waits for a worker; `remedy` says what to do where there is none."""

    export: Export
    workers: int = Field(ge=0)
    remedy: str | None = None
