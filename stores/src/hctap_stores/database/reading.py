"""What the API shows, rendered as JSON by PostgreSQL.

Rendering in the database costs a third of doing it in Python, so these answers are passed on as they are.
"""

import json
from typing import Final

from hctap_core.entities import ENTITY_SCHEMA_VERSION
from hctap_core.errors import RunNotFound
from hctap_core.sections import LOINC_OF_SECTION
from hctap_stores.database.ledger import RUN_SHAPE
from hctap_stores.database.pool import Pool
from hctap_stores.database.revisions import REVISION_QUERY, check_revision
from hctap_stores.database.runs import NEWEST_FIRST

# A note's text is the one that the run saw, since all offsets refer to it. The results of a duplicate are those of the
# note that stands for it. A note that is not in the run is shown in its current text, without entities,
# unless the guard has to pass notes first.
_NOTE: Final = """
WITH note AS (SELECT * FROM notes WHERE note_id = %(note_id)s),
run AS (
    SELECT run_no, run_id, coalesce(pipeline->'settings'->>'phi', '') IN ('quarantine', 'redact') AS is_guarded
    FROM runs
    WHERE CASE WHEN %(run_id)s::text IS NULL THEN status IN ('succeeded', 'partial') ELSE run_id = %(run_id)s END
    ORDER BY (selection IS NULL) DESC, finished_at DESC NULLS LAST, run_no DESC LIMIT 1
),
entry AS (
    SELECT l.content_sha256, coalesce(first.note_no, l.note_no) AS note_no, l.run_no
    FROM run JOIN run_notes l USING (run_no) JOIN note USING (note_no)
    LEFT JOIN run_notes first ON first.run_no = l.run_no AND first.object_key = l.duplicate_of
    WHERE l.state IN ('done', 'duplicate', 'unchanged') LIMIT 1
)
SELECT json_build_object(
    'schema_version', note.schema_version, 'note_id', note.note_id, 'specialty', note.specialty, 'text', t.text,
    'checksum', md5(t.text), 'content_sha256', t.content_sha256, 'patient_id', note.patient_id,
    'encounter_id', note.encounter_id, 'note_type', note.note_type, 'authored_at', note.authored_at,
    'source', note.source, 'language', note.language, 'data_class', note.data_class,
    'run_id', (SELECT run.run_id FROM run JOIN entry USING (run_no)),
    'entities', coalesce((
        SELECT json_agg(json_build_object(
            'schema_version', %(entity_version)s::integer, 'note_id', note.note_id, 'run_id', run.run_id,
            'entity_type', e.entity_type, 'text', e.text, 'norm_text', e.norm_text,
            'begin', e.begin_offset, 'end', e.end_offset,
            'score', e.score, 'section', e.section,
            'assertion', json_build_object('negated', e.negated, 'uncertain', e.uncertain,
                'historical', e.historical, 'hypothetical', e.hypothetical, 'family', e.family),
            'codes', coalesce((
                SELECT json_agg(json_build_object('system', c.system, 'code', c.code, 'display', c.display,
                    'score', c.score, 'release', c.release) ORDER BY c.rank)
                FROM found_codes c WHERE (c.run_no, c.note_no, c.ordinal) = (e.run_no, e.note_no, e.ordinal)), '[]'),
            'attributes', coalesce((
                SELECT json_agg(json_build_object('type', a.type, 'text', a.text, 'begin', a.begin_offset,
                    'end', a.end_offset, 'norm', a.norm) ORDER BY a.position)
                FROM found_attributes a
                WHERE (a.run_no, a.note_no, a.ordinal) = (e.run_no, e.note_no, e.ordinal)), '[]'),
            'provenance', e.provenance) ORDER BY e.ordinal)
        FROM entry JOIN run USING (run_no)
        JOIN found_entities e ON (e.run_no, e.note_no) = (entry.run_no, entry.note_no)), '[]'),
    'sections', coalesce((
        SELECT json_agg(json_build_object('begin', s.begin_offset, 'end', s.end_offset, 'header', s.header,
            'type', s.type, 'loinc', %(loinc)s::jsonb ->> s.type) ORDER BY s.ordinal)
        FROM entry JOIN found_sections s ON (s.run_no, s.note_no) = (entry.run_no, entry.note_no)), '[]')
)::text
FROM note LEFT JOIN entry ON true
JOIN note_texts t ON t.content_sha256 = coalesce(entry.content_sha256, note.content_sha256)
WHERE entry.content_sha256 IS NOT NULL OR NOT EXISTS (SELECT FROM run WHERE is_guarded)
"""

_LOINC: Final = json.dumps(LOINC_OF_SECTION)

_LATEST_RUN: Final = f"""
SELECT {RUN_SHAPE}::text FROM runs WHERE status IN ('succeeded', 'partial') ORDER BY {NEWEST_FIRST} LIMIT 1
"""  # noqa: S608 - a constant

_NOTES_PAGE: Final = """
SELECT json_build_object(
    'notes', coalesce(json_agg(json_build_object('note_id', note_id, 'specialty', specialty) ORDER BY note_id)
        FILTER (WHERE place <= %(limit)s), '[]'),
    'next_cursor', CASE WHEN count(*) > %(limit)s THEN max(note_id) FILTER (WHERE place = %(limit)s) END)::text
FROM (
    SELECT note_id, specialty, row_number() OVER (ORDER BY note_id) AS place FROM notes
    WHERE %(after)s::text IS NULL OR note_id > %(after)s ORDER BY note_id LIMIT %(limit)s + 1
) AS page
"""


async def note_json(pool: Pool, note_id: str, run_id: str | None = None) -> str | None:
    """The note with its entities and sections from a run, the latest finished one by default; None if there is none.

    Raises:
        RunNotFound: If a run is asked for that does not exist.
    """
    async with pool.connection() as connection:
        if run_id is not None:
            found = await connection.execute("SELECT FROM runs WHERE run_id = %s", (run_id,))
            if found.rowcount == 0:
                raise RunNotFound(f"There is no run {run_id!r}.")
        values = {"note_id": note_id, "run_id": run_id, "entity_version": ENTITY_SCHEMA_VERSION, "loinc": _LOINC}
        answer = await (await connection.execute(_NOTE, values)).fetchone()
    return answer[0] if answer else None


async def latest_run_json(pool: Pool) -> str | None:
    """The run that finished last, None before the first."""
    async with pool.connection() as connection:
        answer = await (await connection.execute(_LATEST_RUN)).fetchone()
    return answer[0] if answer else None


async def notes_page_json(pool: Pool, after: str | None, limit: int) -> str:
    """Ids and specialties of the notes after an id, with `next_cursor` to go on from, null on the last page."""
    async with pool.connection() as connection:
        answer = await (await connection.execute(_NOTES_PAGE, {"after": after, "limit": limit})).fetchone()
    return str(answer[0]) if answer else '{"notes": [], "next_cursor": null}'


async def check(pool: Pool) -> None:
    """See that the database answers and has the schema that this code needs.

    Raises:
        StoreUnavailable: If it does not answer.
        MigrationNeeded: If its schema is another one.
    """
    async with pool.connection() as connection:
        answer = await (await connection.execute(REVISION_QUERY)).fetchone()
    check_revision(answer[0] if answer else None)
