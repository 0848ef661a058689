"""Who may do what: four roles, and what each is allowed on which resource."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict


class Role(StrEnum):
    """What kind of user a key belongs to; each role may do all that the one before may."""

    READER = "reader"
    ANALYST = "analyst"
    OPERATOR = "operator"
    ADMIN = "admin"


class Permission(StrEnum):
    """An action on a resource, `resource:action`; a key's scopes are some of these."""

    NOTES_READ = "notes:read"
    NOTES_CHANGE = "notes:change"
    NOTES_DELETE = "notes:delete"
    ENTITIES_READ = "entities:read"
    ENTITIES_EXPORT = "entities:export"
    RUNS_READ = "runs:read"
    RUNS_COMPARE = "runs:compare"
    RUNS_CHANGE = "runs:change"
    REVIEWS_DECIDE = "reviews:decide"
    REVIEWS_CHANGE = "reviews:change"
    VOCABULARY_READ = "vocabulary:read"
    EXTRACT_USE = "extract:use"
    METRICS_READ = "metrics:read"
    AUDIT_READ = "audit:read"
    KEYS_CHANGE = "keys:change"


_P = Permission
_READER: Final = frozenset({_P.NOTES_READ, _P.ENTITIES_READ, _P.RUNS_READ, _P.VOCABULARY_READ})
_ANALYST: Final = _READER | {_P.ENTITIES_EXPORT, _P.RUNS_COMPARE, _P.EXTRACT_USE, _P.REVIEWS_DECIDE}
_OPERATOR: Final = _ANALYST | {_P.NOTES_CHANGE, _P.RUNS_CHANGE, _P.METRICS_READ, _P.REVIEWS_CHANGE}
ALLOWED: Final[dict[Role, frozenset[Permission]]] = {
    Role.READER: _READER,
    Role.ANALYST: _ANALYST,
    Role.OPERATOR: _OPERATOR,
    Role.ADMIN: frozenset(Permission),
}
# What a read-only API refuses to everybody.
CHANGING: Final = frozenset(
    {_P.NOTES_CHANGE, _P.NOTES_DELETE, _P.RUNS_CHANGE, _P.KEYS_CHANGE, _P.REVIEWS_DECIDE, _P.REVIEWS_CHANGE}
)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Principal(_Record):
    """Whoever asks: a key by its id, or `open` where the API asks nobody for one; no `scopes` are all of the role's."""

    actor: str
    role: Role
    scopes: frozenset[Permission] | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the role allows it, and the key is not narrowed to other things."""
        return permission in ALLOWED[self.role] and (self.scopes is None or permission in self.scopes)


class Identity(_Record):
    """Whoever asks, as they are told: the key's id, or `open`, with the role and everything that they may do here."""

    actor: str
    role: Role
    permissions: tuple[Permission, ...]

    def may(self, permission: Permission) -> bool:
        """Whether this may be done."""
        return permission in self.permissions


class ApiKey(_Record):
    """A key as it is listed: everything but its secret, of which only a hash is kept."""

    key_id: str
    name: str
    role: Role
    scopes: tuple[Permission, ...] | None = None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class AuditEntry(_Record):
    """Who read or changed what, when and from where; `notes` counts the notes whose text the answer held.

    `reason` stands where one was asked for: when a note is deleted.
    """

    audit_no: int
    at: datetime
    actor: str
    role: str
    address: str | None = None
    action: str
    note_id: str | None = None
    run_id: str | None = None
    notes: int
    request_id: str
    reason: str | None = None


class AuditPage(_Record):
    """The audit, the newest rows first; `next_cursor` is null on the last page."""

    entries: tuple[AuditEntry, ...]
    next_cursor: int | None = None
