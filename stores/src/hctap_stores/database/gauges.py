"""What the database knows of how things go: the queue, the newest run, how much there is."""

from dataclasses import dataclass
from typing import Final

from hctap_stores.database.pool import Pool
from hctap_stores.database.runs import NEWEST_FIRST

# How much there is as the newest finished run counted it, so that nothing is counted when it is asked for.
_GAUGES: Final = f"""
WITH newest AS (
    SELECT counts, finished_at FROM runs WHERE status IN ('succeeded', 'partial') ORDER BY {NEWEST_FIRST} LIMIT 1
)
SELECT extract(epoch FROM now() - (SELECT finished_at FROM newest))::double precision,
    coalesce((SELECT (counts->>'notes')::bigint FROM newest), 0),
    coalesce((SELECT (counts->>'entities')::bigint FROM newest), 0),
    coalesce((SELECT (counts->>'quarantined')::bigint FROM newest), 0),
    (SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE status = 'todo'),
    (SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE status = 'doing'),
    (SELECT count(*) FROM runs WHERE status IN ('queued', 'running')),
    (SELECT extract(epoch FROM now() - min(event.at))::double precision
        FROM procrastinate.procrastinate_jobs job
        JOIN procrastinate.procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'
        WHERE job.status = 'todo')
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Gauges:
    """The age of the newest finished run in seconds, None before the first, what it counted; jobs; runs under way.

    `oldest_job_seconds` is how long the job that waits longest has waited, None where none waits.
    """

    run_age_seconds: float | None
    notes: int
    entities: int
    quarantined: int
    jobs_waiting: int
    jobs_running: int
    runs_under_way: int
    oldest_job_seconds: float | None


async def read_gauges(pool: Pool) -> Gauges:
    """The gauges of now.

    Raises:
        StoreUnavailable: If the database does not answer.
    """
    async with pool.connection() as connection:
        row = await (await connection.execute(_GAUGES)).fetchone()
    return Gauges(*row) if row else Gauges(None, 0, 0, 0, 0, 0, 0, None)
