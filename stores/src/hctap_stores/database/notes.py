"""Lists of notes as the API shows them, rendered as JSON by PostgreSQL."""

from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from hctap_core.note_lists import NotesAsked
from hctap_stores.database.pool import Pool
from hctap_stores.database.search.entities import find_searched_run

_PAGE: Final = """
SELECT json_build_object(
    'notes', coalesce(json_agg(json_build_object('note_id', note_id, 'specialty', specialty, 'note_type', note_type,
        'authored_at', authored_at, 'source', source, 'data_class', data_class, 'characters', characters)
        ORDER BY note_id) FILTER (WHERE place <= %(limit)s), '[]'),
    'run_id', %(run_id)s::text,
    'next_cursor', CASE WHEN count(*) > %(limit)s THEN max(note_id) FILTER (WHERE place = %(limit)s) END)::text
FROM (
    SELECT n.*, t.characters, row_number() OVER (ORDER BY note_id) AS place
    FROM notes n JOIN note_texts t USING (content_sha256)
    WHERE {where} ORDER BY note_id LIMIT %(limit)s + 1
) AS page
"""
_SIMPLE: Final = {
    "cursor": "n.note_id > %(cursor)s",
    "specialty": "n.specialty = %(specialty)s",
    "note_type": "n.note_type = %(note_type)s",
    "source": "n.source = %(source)s",
    "authored_from": "n.authored_at >= %(authored_from)s::timestamptz",
    "authored_to": "n.authored_at < %(authored_to)s::timestamptz",
}
# The results of a duplicate are those of the note that stands for its text. Most notes have an entity of a type, so
# they are looked for note by note; few have a code, so the notes are looked for by their code.
_HAS_TYPE: Final = """
EXISTS (
    SELECT FROM run_notes l
    LEFT JOIN run_notes first ON (first.run_no, first.object_key) = (l.run_no, l.duplicate_of)
    JOIN run_notes w ON (w.run_no, w.object_key) = (l.run_no, coalesce(l.duplicate_of, l.object_key))
    JOIN entities e ON e.run_no = coalesce(w.results_of, w.run_no) AND e.note_no = w.note_no
    WHERE l.run_no = %(run_no)s AND l.note_no = n.note_no AND w.state IN ('done', 'unchanged')
        AND e.entity_type = %(entity_type)s)
"""
_WAS_READ: Final = """
EXISTS (
    SELECT FROM run_notes l
    WHERE l.run_no = %(run_no)s AND l.note_no = n.note_no AND l.state IN ('done', 'duplicate', 'unchanged'))
"""
_HAS_ANY: Final = """
EXISTS (
    SELECT FROM run_notes l
    JOIN run_notes w ON (w.run_no, w.object_key) = (l.run_no, coalesce(l.duplicate_of, l.object_key))
    WHERE l.run_no = %(run_no)s AND l.note_no = n.note_no AND w.state IN ('done', 'unchanged')
        AND (w.entity_count > 0) = %(has_entity)s)
"""
_HAS_CODE: Final = """
n.note_no IN (
    SELECT l.note_no FROM run_notes l
    WHERE l.run_no = %(run_no)s AND coalesce(l.duplicate_of, l.object_key) IN (
        SELECT w.object_key FROM entities e
        JOIN run_notes w ON w.note_no = e.note_no AND e.run_no = coalesce(w.results_of, w.run_no)
        WHERE e.term_no IN (
                SELECT t.term_no FROM listed_codes c JOIN terms t USING (codes_no)
                WHERE (%(code_system)s::text IS NULL OR c.system = %(code_system)s)
                    AND (%(code)s::text IS NULL OR c.code = %(code)s))
            AND w.run_no = %(run_no)s AND w.state IN ('done', 'unchanged')))
"""
_OF_RUN: Final = {
    "run_id": _WAS_READ,
    "has_entity": _HAS_ANY,
    "entity_type": _HAS_TYPE,
    "code": _HAS_CODE,
    "code_system": _HAS_CODE,
}


async def conditions_of(connection: AsyncConnection[TupleRow], asked: NotesAsked) -> tuple[str, dict[str, Any]]:
    """What must hold of a note `n`, and the values for it; `run_id` among them is that of the run asked about, if any.

    Raises:
        RunNotFound: If entities are asked for, and there is no such run, or none has finished.
    """
    given = asked.model_dump(mode="json", exclude_none=True)
    values: dict[str, Any] = {"run_id": None, "code": None, "code_system": None} | given
    of_run = [name for name in _OF_RUN if name in given]
    if of_run:
        run = await find_searched_run(connection, asked.run_id)
        values |= {"run_no": run.run_no, "run_id": run.run_id}
    # A code and its system are one clause.
    asked_for = dict.fromkeys(_OF_RUN[name] for name in of_run)
    clauses = ["true", *(_SIMPLE[name] for name in _SIMPLE if name in given), *asked_for]
    return " AND ".join(clauses), values


async def notes_page_json(pool: Pool, asked: NotesAsked) -> str:
    """The notes after an id that fulfil what is asked, with `next_cursor` to go on from, null on the last page.

    Raises:
        RunNotFound: If entities are asked for, and there is no such run, or none has finished.
    """
    async with pool.connection() as connection:
        where, values = await conditions_of(connection, asked)
        query = _PAGE.format(where=where)
        # Not prepared: the best plan depends on what is asked.
        answer = await (await connection.execute(query, values, prepare=False)).fetchone()
    return str(answer[0]) if answer else '{"notes": [], "run_id": null, "next_cursor": null}'
