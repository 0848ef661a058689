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
_GUARDED: Final = """
SELECT FROM runs r WHERE r.run_no = %(shown_run)s AND r.pipeline->'settings'->>'phi' IN ('quarantine', 'redact')
"""
_QUERY: Final = "query AS MATERIALIZED (SELECT websearch_to_tsquery('english', %(words)s) AS query)"
# Where more texts say the words, notes are gone through in their order, which soon fills a page; where fewer do, the
# notes of those texts are looked for. Over 60,000 notes either way would take seconds in the other's place.
MANY_TEXTS = 2000
_COUNT: Final = f"""
WITH {_QUERY} SELECT count(*) FROM (
    SELECT FROM query CROSS JOIN note_words w WHERE w.words @@ query LIMIT %(many)s + 1) AS counted
"""  # noqa: S608 - constants
# A note is searched in the text that it is shown in: the one that the run read, which may be without the identifiers of
# persons; a note that the run did not read in its own, unless notes have to pass a guard first.
_OF_FEW: Final = f"""
hit AS MATERIALIZED (SELECT w.content_sha256 FROM query CROSS JOIN note_words w WHERE w.words @@ query),
shown AS MATERIALIZED (
    SELECT l.note_no, l.content_sha256 FROM hit JOIN run_notes l USING (content_sha256)
    WHERE l.run_no = %(shown_run)s AND {_READ}
    UNION ALL
    SELECT n.note_no, n.content_sha256 FROM hit JOIN notes n USING (content_sha256)
    WHERE NOT EXISTS (SELECT FROM run_notes l WHERE l.run_no = %(shown_run)s AND l.note_no = n.note_no AND {_READ})
        AND NOT EXISTS ({_GUARDED})
), page AS (
    SELECT n.*, shown.content_sha256 AS shown_sha256 FROM shown JOIN notes n USING (note_no)
    WHERE {{where}} ORDER BY n.note_id LIMIT %(limit)s + 1
)
"""  # noqa: S608 - constants
_OF_MANY: Final = f"""
page AS (
    SELECT n.*, s.shown_sha256 FROM notes n CROSS JOIN LATERAL (
        SELECT coalesce(
            (SELECT l.content_sha256 FROM run_notes l
                WHERE l.run_no = %(shown_run)s AND l.note_no = n.note_no AND {_READ} LIMIT 1),
            CASE WHEN NOT EXISTS ({_GUARDED}) THEN n.content_sha256 END) AS shown_sha256 OFFSET 0) AS s
    WHERE {{where}} AND (
        SELECT w.words @@ query FROM query CROSS JOIN note_words w WHERE w.content_sha256 = s.shown_sha256)
    ORDER BY n.note_id LIMIT %(limit)s + 1
)
"""  # noqa: S608 - constants
_FOUND: Final = f"""
WITH {_QUERY}, {{page}}
SELECT p.note_id, p.specialty, p.note_type, p.authored_at, p.source, p.data_class, t.characters,
    ts_headline('english', left(t.text, {MOST_SEARCHED_CHARACTERS}), query, %(excerpt)s)
FROM page p JOIN note_texts t ON t.content_sha256 = p.shown_sha256 CROSS JOIN query ORDER BY p.note_id
"""  # noqa: S608 - constants


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
        values |= {
            "shown_run": await _find_shown_run(connection, asked.run_id),
            "excerpt": _EXCERPT,
            "many": MANY_TEXTS,
        }
        counted = await (await connection.execute(_COUNT, values, prepare=False)).fetchone()
        page = _OF_MANY if counted and counted[0] > MANY_TEXTS else _OF_FEW
        query = _FOUND.format(page=page.format(where=where))
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
