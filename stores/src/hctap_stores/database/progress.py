"""How far a run has come, as the API shows it, rendered as JSON by PostgreSQL."""

from typing import Final

from hctap_core.errors import RunNotFound
from hctap_stores.database.pool import Pool
from hctap_stores.database.workers import COUNT_FOR_RUN

# What is left takes as long for each note as what was worked on since the start.
_PROGRESS: Final = f"""
SELECT json_build_object(
    'run_id', r.run_id, 'status', r.status, 'notes', n.notes, 'settled', n.settled, 'quarantined', n.quarantined,
    'entities', n.entities, 'shards', s.shards, 'shards_done', s.done, 'workers', ({COUNT_FOR_RUN}),
    'started_at', r.started_at, 'finished_at', r.finished_at, 'error', r.error,
    'seconds_left', CASE WHEN r.status = 'running' AND n.worked > 0
        THEN round((extract(epoch FROM now() - r.started_at) * (n.notes - n.settled) / n.worked)::numeric, 1) END)::text
FROM runs r, LATERAL (
    SELECT count(*) AS notes, count(*) FILTER (WHERE state <> 'pending') AS settled,
        count(*) FILTER (WHERE attempt > 0 AND state <> 'pending') AS worked,
        count(*) FILTER (WHERE state = 'quarantined') AS quarantined,
        coalesce(sum(entity_count) FILTER (WHERE state IN ('done', 'unchanged')), 0) AS entities
    FROM run_notes WHERE run_no = r.run_no) AS n, LATERAL (
    SELECT count(*) AS shards, count(*) FILTER (WHERE state = 'done') AS done
    FROM run_shards WHERE run_no = r.run_no) AS s
WHERE r.run_id = %s
"""  # noqa: S608 - constants


async def progress_json(pool: Pool, run_id: str) -> str:
    """How far the run of an id has come.

    Raises:
        RunNotFound: If there is none.
    """
    async with pool.connection() as connection:
        row = await (await connection.execute(_PROGRESS, (run_id,))).fetchone()
    if row is None:
        raise RunNotFound(f"There is no run {run_id!r}.", remedy="GET /v1/runs lists the runs.")
    return str(row[0])
