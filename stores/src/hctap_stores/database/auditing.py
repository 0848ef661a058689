"""The audit: rows are added, many at a time, and are durable when this says so."""

import asyncio
from dataclasses import dataclass
from typing import Final

from hctap_stores.database.pool import Pool

_INSERT: Final = """
INSERT INTO audit (actor, role, address, action, note_id, run_id, notes, request_id)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::integer[], %s::text[])
"""
_PAGE: Final = """
SELECT json_build_object(
    'entries', coalesce(json_agg(json_build_object('audit_no', audit_no, 'at', at, 'actor', actor, 'role', role,
        'address', address, 'action', action, 'note_id', note_id, 'run_id', run_id, 'notes', notes,
        'request_id', request_id) ORDER BY audit_no DESC) FILTER (WHERE place <= %(limit)s), '[]'),
    'next_cursor', CASE WHEN count(*) > %(limit)s THEN min(audit_no) FILTER (WHERE place = %(limit)s) END)::text
FROM (
    SELECT *, row_number() OVER (ORDER BY audit_no DESC) AS place FROM audit
    WHERE (%(before)s::bigint IS NULL OR audit_no < %(before)s)
        AND (%(note_id)s::text IS NULL OR note_id = %(note_id)s)
    ORDER BY audit_no DESC LIMIT %(limit)s + 1
) AS page
"""


@dataclass(frozen=True, slots=True)
class Access:
    """Who read or changed what; `notes` counts the notes whose text is in the answer."""

    actor: str
    role: str
    address: str | None
    action: str
    request_id: str
    note_id: str | None = None
    run_id: str | None = None
    notes: int = 1


class AuditLog:
    """Rows that come while others are being written go together in the next transaction."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: list[tuple[Access, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def record(self, access: Access) -> None:
        """Write a row; returns when it is durable.

        Raises:
            StoreUnavailable: If it cannot be written; then the answer must not be given.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((access, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await self._insert([access for access, _ in batch])
            except BaseException as error:  # whatever it is, those who wait must hear of it
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                for _, done in batch:
                    if not done.done():
                        done.set_result(None)

    async def _insert(self, rows: list[Access]) -> None:
        columns = (
            [row.actor for row in rows],
            [row.role for row in rows],
            [row.address for row in rows],
            [row.action for row in rows],
            [row.note_id for row in rows],
            [row.run_id for row in rows],
            [row.notes for row in rows],
            [row.request_id for row in rows],
        )
        async with self._pool.connection() as connection:
            await connection.execute(_INSERT, columns)


async def audit_page_json(pool: Pool, before: int | None, limit: int, note_id: str | None) -> str:
    """The newest rows before a number, all or those of a note."""
    values = {"before": before, "limit": limit, "note_id": note_id}
    async with pool.connection() as connection:
        row = await (await connection.execute(_PAGE, values)).fetchone()
    return str(row[0]) if row else '{"entries": [], "next_cursor": null}'
