"""The words of new texts, taken some at a time by whoever wants to search."""

from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from hctap_core.note_searches import MOST_SEARCHED_CHARACTERS

# What a search waits for: at 0.36 ms a text of 1,243 characters, a tenth of a second.
TEXTS_AT_ONCE: Final = 250
_TAKE: Final = f"""
WITH taken AS (
    DELETE FROM texts_to_index
    WHERE ctid = ANY(ARRAY(SELECT ctid FROM texts_to_index LIMIT {TEXTS_AT_ONCE} FOR UPDATE SKIP LOCKED))
    RETURNING content_sha256
), there AS (
    SELECT t.content_sha256, t.text FROM note_texts t JOIN taken USING (content_sha256) FOR KEY SHARE OF t
), written AS (
    INSERT INTO note_words SELECT content_sha256, to_tsvector('english', left(text, {MOST_SEARCHED_CHARACTERS}))
    FROM there ON CONFLICT DO NOTHING
)
SELECT count(*) FROM taken
"""  # noqa: S608 - constants


async def index_texts(connection: AsyncConnection[TupleRow]) -> int:
    """Take the words of some texts that nobody has looked at yet; gives how many, 0 where there are none left.

    Any number may do so at once: each takes others.
    """
    row = await (await connection.execute(_TAKE)).fetchone()
    return int(row[0]) if row else 0


async def count_waiting(connection: AsyncConnection[TupleRow]) -> int:
    """How many texts are not in the index."""
    row = await (await connection.execute("SELECT count(*) FROM texts_to_index")).fetchone()
    return int(row[0]) if row else 0
