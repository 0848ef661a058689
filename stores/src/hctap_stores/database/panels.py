"""What is asked of many notes or many runs at once, rendered as JSON by PostgreSQL."""

from typing import Any, Final

from hctap_core.errors import RunConflict, RunNotFound
from hctap_core.runs import FINISHED
from hctap_core.statistics import TimelineRequest
from hctap_stores.database.connection import Database
from hctap_stores.database.pool import Pool
from hctap_stores.database.runs import find_run
from hctap_stores.database.search.entities import find_searched_run
from hctap_stores.database.statistics import write_statistics

_READ: Final = """
SELECT s.value::text FROM runs r
LEFT JOIN run_statistics s ON (s.run_no, s.name, s.specialty) = (r.run_no, %(name)s, %(specialty)s)
WHERE r.run_id = %(run_id)s
"""
_TREND: Final = """
SELECT json_build_object('runs', coalesce(json_agg(json_build_object('run_id', run_id,
    'extractor', pipeline->>'extractor', 'status', status, 'finished_at', finished_at,
    'notes', coalesce((counts->>'notes')::integer, 0), 'entities', coalesce((counts->>'entities')::bigint, 0),
    'quarantined', coalesce((counts->>'quarantined')::integer, 0), 'by_type', coalesce(counts->'by_type', '{}'),
    'notes_per_second', notes_per_second, 'duration_ms_p50', duration_ms_p50, 'duration_ms_p95', duration_ms_p95,
    'rates', coalesce(counts#>'{coverage,rates}', '{}'),
    'drifts', coalesce(jsonb_path_query_array(counts, '$.coverage.changes[*] ? (@.is_drift == true)'), '[]'),
    'f1', (SELECT coalesce(json_object_agg(key, value#>'{strict,micro,f1}'), '{}') FROM jsonb_each(evaluation)))
    ORDER BY finished_at, run_no), '[]'))::text
FROM (
    SELECT * FROM runs WHERE status IN ('succeeded', 'partial') AND selection IS NULL
        AND (%(extractor)s::text IS NULL OR pipeline->>'extractor' = %(extractor)s)
    ORDER BY finished_at DESC, run_no DESC LIMIT %(limit)s
) AS last
"""
_FRESHNESS: Final = """
WITH newest AS (
    SELECT run_id, finished_at, round((extract(epoch FROM now() - finished_at) / 60)::numeric, 2) AS age
    FROM runs WHERE status = 'succeeded' AND selection IS NULL ORDER BY finished_at DESC LIMIT 1
)
SELECT json_build_object('status', CASE WHEN age IS NULL THEN 'none' WHEN age <= %(limit)s THEN 'ok'
        WHEN age <= %(limit)s * 1.25 THEN 'warning' ELSE 'breach' END,
    'limit_minutes', %(limit)s::float8, 'run_id', run_id, 'finished_at', finished_at, 'age_minutes', age)::text
FROM (SELECT) AS one LEFT JOIN newest ON true
"""
_TIMELINE: Final = """
WITH listed AS (
    SELECT DISTINCT ON (n.note_id) n.*, coalesce(first.note_no, l.note_no) AS results_no
    FROM notes n JOIN run_notes l USING (note_no)
    LEFT JOIN run_notes first ON (first.run_no, first.object_key) = (l.run_no, l.duplicate_of)
    WHERE n.patient_id = %(patient_id)s AND l.run_no = %(run_no)s AND l.state IN ('done', 'duplicate', 'unchanged')
    ORDER BY n.note_id, l.duplicate_of NULLS FIRST
), page AS (
    SELECT * FROM listed ORDER BY authored_at NULLS LAST, note_id LIMIT %(limit)s + 1
), shown AS (
    SELECT * FROM page ORDER BY authored_at NULLS LAST, note_id LIMIT %(limit)s
), told AS (
    SELECT e.note_no, e.entity_type, e.norm_text, e.negated, e.uncertain, e.historical, e.hypothetical, e.family,
        count(*) AS mentions, min(e.begin_offset) AS begin_offset, min(e.ordinal) AS ordinal
    FROM found_entities e WHERE e.run_no = %(run_no)s AND e.note_no IN (SELECT results_no FROM shown)
        AND (%(types)s::text[] IS NULL OR e.entity_type = ANY(%(types)s))
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
)
SELECT json_build_object('patient_id', %(patient_id)s::text, 'run_id', %(run_id)s::text,
    'is_whole', (SELECT count(*) FROM page) <= %(limit)s,
    'notes', coalesce(json_agg(json_build_object('note_id', note_id, 'authored_at', authored_at,
        'specialty', specialty, 'note_type', note_type, 'encounter_id', encounter_id, 'entities', coalesce((
            SELECT json_agg(json_build_object('entity_type', t.entity_type, 'norm_text', t.norm_text,
                'assertion', json_build_object('negated', t.negated, 'uncertain', t.uncertain,
                    'historical', t.historical, 'hypothetical', t.hypothetical, 'family', t.family),
                'mentions', t.mentions, 'begin', t.begin_offset, 'system', c.system, 'code', c.code,
                'display', c.display) ORDER BY t.begin_offset, t.norm_text)
            FROM told t LEFT JOIN found_codes c
                ON (c.run_no, c.note_no, c.ordinal, c.rank) = (%(run_no)s, t.note_no, t.ordinal, 0)
            WHERE t.note_no = shown.results_no), '[]'))
        ORDER BY authored_at NULLS LAST, note_id), '[]'))::text, count(*)
FROM shown
"""


def ensure_statistics(database: Database, run_id: str) -> None:
    """Count what a finished run found, unless that was done when it was finished.

    Raises:
        RunNotFound: If there is no such run.
        RunConflict: If it is not finished.
    """
    stored = find_run(database, run_id)
    if stored.run.status not in FINISHED:
        raise RunConflict(f"The run {run_id} is not finished.", remedy="Wait for its end, or resume it.")
    with database.transaction() as connection:
        # Of two that ask at once, the second finds what the first has counted.
        connection.execute("SELECT FROM runs WHERE run_no = %s FOR NO KEY UPDATE", (stored.run_no,))
        there = connection.execute("SELECT FROM run_statistics WHERE run_no = %s LIMIT 1", (stored.run_no,))
        if there.rowcount == 0:
            write_statistics(connection, stored.run_no)


async def statistic_json(pool: Pool, run_id: str, name: str, specialty: str | None = None) -> str | None:
    """A statistic of a run; None if it is not counted, or nothing is to be counted.

    Raises:
        RunNotFound: If there is no such run.
    """
    values = {"run_id": run_id, "name": name, "specialty": specialty or ""}
    row = await _row(pool, _READ, values)
    if row is None:
        raise RunNotFound(f"There is no run {run_id!r}.", remedy="GET /v1/runs lists the runs.")
    return None if row[0] is None else str(row[0])


async def trend_json(pool: Pool, extractor: str | None, limit: int) -> str:
    """The last finished runs over all notes, the oldest first, all or those of an extractor."""
    row = await _row(pool, _TREND, {"extractor": extractor, "limit": limit})
    return str(row[0]) if row else '{"runs": []}'


async def freshness_json(pool: Pool, limit_minutes: float) -> str:
    """How old the newest success is, against a limit."""
    row = await _row(pool, _FRESHNESS, {"limit": limit_minutes})
    return str(row[0]) if row else "{}"


async def timeline_json(pool: Pool, asked: TimelineRequest) -> tuple[str, int, str]:
    """The notes of a patient by time, how many they are, and the run that found what is in them.

    Raises:
        RunNotFound: If there is no such run, or none has finished.
    """
    types = None if asked.entity_types is None else [kind.value for kind in asked.entity_types]
    async with pool.connection() as connection:
        run = await find_searched_run(connection, asked.run_id)
        values: dict[str, Any] = {
            "patient_id": asked.patient_id,
            "run_no": run.run_no,
            "run_id": run.run_id,
            "types": types,
            "limit": asked.limit,
        }
        row = await (await connection.execute(_TIMELINE, values)).fetchone()
    rendered, notes = row or ("{}", 0)
    return str(rendered), int(notes), run.run_id


async def _row(pool: Pool, query: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
    async with pool.connection() as connection:
        return await (await connection.execute(query, values)).fetchone()
