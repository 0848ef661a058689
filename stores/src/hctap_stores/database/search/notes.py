"""Notes that say some words, with the places where they say them."""

from collections.abc import Iterator
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from hctap_core.errors import RunNotFound
from hctap_core.note_searches import MOST_SEARCHED_CHARACTERS, ExcerptPart, NoteFound, NoteSearch, NotesFound
from hctap_stores.database.indexing import count_waiting, index_texts
from hctap_stores.database.notes import conditions_of
from hctap_stores.database.pool import Pool
from hctap_stores.database.search.entities import find_searched_run

# Characters that Unicode keeps for private use set the words that were found apart from the rest of an excerpt.
_BEGIN, _END = "\ue000", "\ue001"
_EXCERPT: Final = (
    f'StartSel={_BEGIN}, StopSel={_END}, MaxFragments=2, MaxWords=24, MinWords=10, ShortWord=0, FragmentDelimiter=" … "'
)
_READ: Final = "l.state IN ('done', 'duplicate', 'unchanged')"
# A note is searched in the text that it is shown in: the one that the run read, which may be without the identifiers of
# persons; a note that the run did not read in its own, unless notes have to pass a guard first. The words are looked
# for before all else, since few notes have them; excerpts are made of the notes of the page alone.
_FOUND: Final = """
WITH query AS MATERIALIZED (SELECT websearch_to_tsquery('english', %(words)s) AS query),
hit AS MATERIALIZED (SELECT w.content_sha256 FROM query CROSS JOIN note_words w WHERE w.words @@ query),
shown AS (
    SELECT l.note_no, l.content_sha256 FROM hit JOIN run_notes l USING (content_sha256)
    WHERE l.run_no = %(shown_run)s AND {read}
    UNION ALL
    SELECT n.note_no, n.content_sha256 FROM hit JOIN notes n USING (content_sha256)
    WHERE NOT EXISTS (SELECT FROM run_notes l WHERE l.run_no = %(shown_run)s AND l.note_no = n.note_no AND {read})
        AND NOT EXISTS (
            SELECT FROM runs r
            WHERE r.run_no = %(shown_run)s AND r.pipeline->'settings'->>'phi' IN ('quarantine', 'redact'))
), page AS (
    SELECT n.*, shown.content_sha256 AS shown_sha256 FROM shown JOIN notes n USING (note_no)
    WHERE {where} ORDER BY n.note_id LIMIT %(limit)s + 1
)
SELECT p.note_id, p.specialty, p.note_type, p.authored_at, p.source, p.data_class, t.characters,
    ts_headline('english', left(t.text, {most}), query, %(excerpt)s)
FROM page p JOIN note_texts t ON t.content_sha256 = p.shown_sha256 CROSS JOIN query ORDER BY p.note_id
"""


async def search_notes(pool: Pool, asked: NoteSearch) -> NotesFound:
    """The notes after an id that say the words and fulfil what else is asked.

    Texts that came just now are looked at first, as far as that is quick.

    Raises:
        RunNotFound: If entities are asked for, and there is no such run, or none has finished.
    """
    async with pool.connection() as connection:
        await index_texts(connection)
        waiting = await count_waiting(connection)
        where, values = await conditions_of(connection, asked)
        values |= {"shown_run": await _find_shown_run(connection, asked.run_id), "excerpt": _EXCERPT}
        query = _FOUND.format(read=_READ, where=where, most=MOST_SEARCHED_CHARACTERS)
        # Not prepared: the best plan depends on what is asked.
        rows = await (await connection.execute(query, values, prepare=False)).fetchall()
    notes = tuple(_note(row) for row in rows[: asked.limit])
    more = len(rows) > asked.limit
    run_id: str | None = values["run_id"]
    return NotesFound(notes=notes, run_id=run_id, next_cursor=notes[-1].note_id if more else None, waiting=waiting)


async def _find_shown_run(connection: AsyncConnection[TupleRow], run_id: str | None) -> int | None:
    try:
        return (await find_searched_run(connection, run_id)).run_no
    except RunNotFound:
        # Before the first run has finished, notes are shown as they came.
        return None


def _note(row: TupleRow) -> NoteFound:
    names = ("note_id", "specialty", "note_type", "authored_at", "source", "data_class", "characters")
    fields: dict[str, Any] = dict(zip(names, row[:-1], strict=True))
    return NoteFound(**fields, excerpt=tuple(_parts(row[-1])))


def _parts(headline: str) -> Iterator[ExcerptPart]:
    # Line ends and tables would tear an excerpt of two lines apart.
    before, *pieces = " ".join(headline.split()).split(_BEGIN)
    if before:
        yield ExcerptPart(text=before, found=False)
    for piece in pieces:
        found, _, rest = piece.partition(_END)
        yield ExcerptPart(text=found, found=True)
        if rest:
            yield ExcerptPart(text=rest, found=False)
