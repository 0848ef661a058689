"""The audit: rows are added, many at a time, and are durable when this says so."""

from dataclasses import dataclass
from typing import Final

from hctap_stores.database.batching import Batches
from hctap_stores.database.pool import Pool

_INSERT: Final = """
INSERT INTO audit (actor, role, address, action, note_id, run_id, notes, request_id)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::integer[], %s::text[])
"""
_PAGE: Final = """
SELECT json_build_object(
    'entries', coalesce(json_agg(json_build_object('audit_no', audit_no, 'at', at, 'actor', actor, 'role', role,
        'address', address, 'action', action, 'note_id', note_id, 'run_id', run_id, 'notes', notes,
        'request_id', request_id, 'reason', reason) ORDER BY audit_no DESC) FILTER (WHERE place <= %(limit)s), '[]'),
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
        self._batches = Batches(self._insert)

    async def record(self, access: Access) -> None:
        """Write a row; returns when it is durable.

        Raises:
            StoreUnavailable: If it cannot be written; then the answer must not be given.
        """
        await self._batches.answer(access)

    async def _insert(self, rows: list[Access]) -> list[None]:
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
        return [None] * len(rows)


async def audit_page_json(pool: Pool, before: int | None, limit: int, note_id: str | None) -> str:
    """The newest rows before a number, all or those of a note."""
    values = {"before": before, "limit": limit, "note_id": note_id}
    async with pool.connection() as connection:
        row = await (await connection.execute(_PAGE, values)).fetchone()
    return str(row[0]) if row else '{"entries": [], "next_cursor": null}'
