"""Where entities come from, by number and remembered: few records stand behind many entities, and none ever changes."""

from collections.abc import Iterable
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

# JSON has no control character but as an escape, so this one stands in it for nothing else.
MARK: Final = "\x01"
# They are made of terms of vocabularies, not of words of notes; so many are some megabytes.
_MOST: Final = 50_000
# Without the last brace: an entity adds what is its own.
_OPENED: Final = """
SELECT provenance_no, left(provenance::text, -1) FROM provenances WHERE provenance_no = ANY(%s::bigint[])
"""


class Provenances:
    """Spells out the numbers of provenances that a statement has left in JSON, each between two marks.

    To look each up and to render it took PostgreSQL a fifth of its time for a note.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._known: dict[str, str] = {}

    async def spell(self, connection: AsyncConnection[TupleRow], documents: Iterable[str | None]) -> list[str | None]:
        """The documents with the record of each number in its place, as JSON but for the brace that closes it."""
        split = [None if document is None else document.split(MARK) for document in documents]
        known = await self._records(connection, {number for parts in split if parts for number in parts[1::2]})
        for parts in split:
            if parts:
                parts[1::2] = [known[number] for number in parts[1::2]]
        return [None if parts is None else "".join(parts) for parts in split]

    async def _records(self, connection: AsyncConnection[TupleRow], numbers: set[str]) -> dict[str, str]:
        if len(self._known) > self._most:
            # Who is being answered meanwhile keeps what it has.
            self._known = {}
        known = self._known
        if missing := numbers - known.keys():
            rows = await connection.execute(_OPENED, ([int(number) for number in sorted(missing)],))
            known.update((str(number), record) for number, record in await rows.fetchall())
        return known
