"""Runs and their ledgers as the API shows them, rendered as JSON by PostgreSQL."""

from typing import Any, Final

from hctap_core.errors import RunNotFound
from hctap_core.runs import NoteState
from hctap_stores.database.pool import Pool

RUN_SHAPE: Final = """
json_build_object(
    'run_id', run_id, 'status', status, 'pipeline', pipeline, 'pipeline_hash', pipeline_hash, 'created_at', created_at,
    'started_at', started_at, 'finished_at', finished_at, 'counts', counts, 'duration_ms_p50', duration_ms_p50,
    'duration_ms_p95', duration_ms_p95, 'notes_per_second', notes_per_second, 'evaluation', evaluation,
    'is_incremental', is_incremental, 'selection', selection, 'error', error)
"""
_RUN: Final = f"SELECT {RUN_SHAPE}::text FROM runs WHERE run_id = %(run_id)s"  # noqa: S608 - a constant
_RUNS: Final = f"""
SELECT json_build_object(
    'runs', coalesce(json_agg({RUN_SHAPE} ORDER BY run_no DESC) FILTER (WHERE place <= %(limit)s), '[]'),
    'next_cursor', CASE WHEN count(*) > %(limit)s
        THEN (array_agg(run_id ORDER BY run_no DESC))[%(limit)s::integer] END)::text
FROM (
    SELECT *, row_number() OVER (ORDER BY run_no DESC) AS place FROM runs
    WHERE (%(after)s::text IS NULL OR run_no < (SELECT run_no FROM runs WHERE run_id = %(after)s))
        AND (%(status)s::text IS NULL OR status = %(status)s)
    ORDER BY run_no DESC LIMIT %(limit)s + 1
) AS page
"""  # noqa: S608 - constants
_LEDGER: Final = """
SELECT json_build_object(
    'run_id', %(run_id)s::text,
    'notes', coalesce(json_agg(json_build_object('object_key', object_key, 'note_id', note_id, 'state', state,
        'reason', reason, 'detail', detail, 'duplicate_of', duplicate_of, 'entities', entity_count,
        'characters', characters, 'attempt', attempt, 'duration_ms', duration_us / 1000.0)
        ORDER BY object_key) FILTER (WHERE place <= %(limit)s), '[]'),
    'next_cursor', CASE WHEN count(*) > %(limit)s THEN max(object_key) FILTER (WHERE place = %(limit)s) END)::text
FROM (
    SELECT *, row_number() OVER (ORDER BY object_key) AS place FROM run_notes
    WHERE run_no = %(run_no)s AND (%(after)s::text IS NULL OR object_key > %(after)s)
        AND (%(state)s::text IS NULL OR state = %(state)s)
    ORDER BY object_key LIMIT %(limit)s + 1
) AS page
"""


async def run_json(pool: Pool, run_id: str) -> str:
    """The run of an id.

    Raises:
        RunNotFound: If there is none.
    """
    return str((await _row(pool, _RUN, {"run_id": run_id}, run_id))[0])


async def runs_page_json(pool: Pool, after: str | None, limit: int, status: str | None) -> str:
    """The newest runs, the newest first, after the run of an id."""
    return str((await _row(pool, _RUNS, {"after": after, "limit": limit, "status": status}, ""))[0])


async def ledger_page_json(pool: Pool, run_id: str, after: str | None, limit: int, state: NoteState | None) -> str:
    """The notes of a run by the key of their object, all or those in a state.

    Raises:
        RunNotFound: If there is no such run.
    """
    number = (await _row(pool, "SELECT run_no FROM runs WHERE run_id = %(run_id)s", {"run_id": run_id}, run_id))[0]
    values = {"run_id": run_id, "run_no": number, "after": after, "limit": limit, "state": state and state.value}
    return str((await _row(pool, _LEDGER, values, run_id))[0])


async def _row(pool: Pool, query: str, values: dict[str, Any], run_id: str) -> tuple[Any, ...]:
    async with pool.connection() as connection:
        row = await (await connection.execute(query, values)).fetchone()
    if row is None:
        raise RunNotFound(f"There is no run {run_id!r}.", remedy="GET /v1/runs lists the runs.")
    return row
