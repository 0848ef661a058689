"""What the API answers: the records around the domain's own, read by the client and declared in the OpenAPI."""

from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from hctap_core.entities import Entity
from hctap_core.notes import Note
from hctap_core.sections import Section

PROBLEM_TYPE_PREFIX: Final = "urn:hctap:problem:"


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Health(_Answer):
    """The process is alive, in the words of HC-TAP; nothing that it stands on was asked."""

    ok: Literal[True] = True
    status: Literal["healthy"] = "healthy"


class Version(_Answer):
    """What answers: the service, its release, the API's major version, the records' schema versions."""

    service: str
    version: str
    api: str
    note_schema_version: int
    entity_schema_version: int


class Check(_Answer):
    """One thing that the API stands on, asked just now; `remedy` says what to do where it is not `ok`."""

    name: str
    ok: bool
    duration_ms: float = Field(ge=0)
    detail: str | None = None
    remedy: str | None = None


class Readiness(_Answer):
    """Whether the API can do its work: `ready` where every check is `ok`, `degraded` where it works without one."""

    status: Literal["ready", "degraded", "not_ready"]
    checks: tuple[Check, ...]


class NoteSummary(_Answer):
    """A note in a list."""

    note_id: str
    specialty: str
    note_type: str | None = None
    authored_at: datetime | None = None
    source: str | None = None
    data_class: str | None = None
    characters: int | None = None


class NotePage(_Answer):
    """Notes in the order of their ids; `next_cursor` is null on the last page.

    `run_id` is the run whose reading or entities were asked for: who names it gets the other pages of the same run.
    """

    notes: tuple[NoteSummary, ...]
    run_id: str | None = None
    next_cursor: str | None = None


class NoteDocument(Note):
    """A note with what one run found in it.

    The text is the version that the run read, so every offset fits it. `run_id` is null where the run did not read
    the note, or where no run has finished.
    """

    run_id: str | None = None
    entities: tuple[Entity, ...] = ()
    sections: tuple[Section, ...] = ()


class FieldError(_Answer):
    """One part of a request that cannot be used; the value itself is never repeated."""

    field: str
    message: str


class Problem(_Answer):
    """An error as RFC 9457 problem details; `remedy`, `errors` and `checks` are our extension members.

    At HC-TAP's own addresses, `error` and `message` say the same in its words.
    """

    type: str
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    instance: str
    request_id: str
    remedy: str | None = None
    errors: tuple[FieldError, ...] | None = None
    checks: tuple[Check, ...] | None = None
    error: str | None = None
    message: str | None = None
