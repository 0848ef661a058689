"""The keys of the API: made, found, listed, revoked. Of a secret only its sha256 is kept: it is random and long."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.rows import dict_row

from hctap_core.errors import KeyNotFound
from hctap_core.permissions import ApiKey, Permission, Role
from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.pool import Pool

PREFIX: Final = "hctap"
_ID_BYTES: Final = 10
_SECRET_BYTES: Final = 32
_COLUMNS: Final = "key_id, name, role, scopes, created_at, expires_at, revoked_at"
_VALID: Final = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"
_LOCK: Final = "hctap-first-key"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `token` is what its user sends, and is told this once."""

    key: ApiKey
    token: str


def create_key(
    database: Database,
    name: str,
    role: Role,
    *,
    scopes: Collection[Permission] | None = None,
    expires_at: datetime | None = None,
) -> NewKey:
    """Make a key."""
    with database.transaction() as connection:
        return _insert(connection, name, role, scopes, expires_at)


def rotate_key(database: Database, key_id: str, *, expires_at: datetime | None = None) -> NewKey:
    """Make a key that may do what another may, and revoke that one, in one transaction.

    Raises:
        KeyNotFound: If there is no such key, or it is revoked.
    """
    with database.transaction() as connection:
        old = _revoke(connection, key_id)
        return _insert(connection, old.name, old.role, old.scopes, expires_at or old.expires_at)


def revoke_key(database: Database, key_id: str) -> ApiKey:
    """Let a key be valid no more.

    Raises:
        KeyNotFound: If there is no such key, or it is revoked.
    """
    with database.transaction() as connection:
        return _revoke(connection, key_id)


def list_keys(database: Database) -> list[ApiKey]:
    """All keys, the oldest first."""
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(f"SELECT {_COLUMNS} FROM api_keys ORDER BY created_at, key_id")  # noqa: S608 - constants
        return [ApiKey.model_validate(row) for row in rows]


def ensure_admin_key(database: Database) -> NewKey | None:
    """Make the first admin's key where there is no valid one, else None; processes that do so at once take turns."""
    with database.lock(_LOCK, busy="Another process makes the first key."), database.transaction() as connection:
        found = connection.execute(f"SELECT FROM api_keys WHERE role = 'admin' AND {_VALID} LIMIT 1")
        return None if found.rowcount else _insert(connection, "first admin", Role.ADMIN, None, None)


async def find_key(pool: Pool, token: str) -> ApiKey | None:
    """The valid key that a token belongs to, None where it is no key, a revoked or an expired one."""
    parts = token.split("_", 2)
    expected_parts = 3
    if len(parts) != expected_parts or parts[0] != PREFIX or not parts[1].isascii() or not parts[1].isalnum():
        return None
    query = f"SELECT {_COLUMNS}, secret_sha256 FROM api_keys WHERE key_id = %s AND {_VALID}"  # noqa: S608 - constants
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = await (await cursor.execute(query, (parts[1],))).fetchone()
    if row is None or not hmac.compare_digest(row.pop("secret_sha256"), _hash(token)):
        return None
    return ApiKey.model_validate(row)


def _insert(
    connection: Connection,
    name: str,
    role: Role,
    scopes: Collection[Permission] | None,
    expires_at: datetime | None,
) -> NewKey:
    key_id = base64.b32encode(secrets.token_bytes(_ID_BYTES)).decode().lower()
    token = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    given = None if scopes is None else sorted(scope.value for scope in scopes)
    query = (
        "INSERT INTO api_keys (key_id, name, role, scopes, secret_sha256, expires_at) "  # noqa: S608 - constants
        f"VALUES (%s, %s, %s, %s, %s, %s) RETURNING {_COLUMNS}"
    )
    return NewKey(_one(connection, query, (key_id, name, role.value, given, _hash(token), expires_at)), token)


def _revoke(connection: Connection, key_id: str) -> ApiKey:
    query = (
        "UPDATE api_keys SET revoked_at = now() WHERE key_id = %s AND revoked_at IS NULL "  # noqa: S608 - constants
        f"RETURNING {_COLUMNS}"
    )
    return _one(connection, query, (key_id,))


def _one(connection: Connection, query: str, values: tuple[Any, ...]) -> ApiKey:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query, values).fetchone()
    if row is None:
        raise KeyNotFound("There is no such key that is valid.", remedy="`hctap-api keys list` shows the keys.")
    return ApiKey.model_validate(row)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
