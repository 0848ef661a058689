"""The runs: made, found, counted, finished."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hctap_core.coverage import DRIFT_THRESHOLD
from hctap_core.errors import RunNotFound
from hctap_core.runs import Part, Pipeline, Run, RunCounts, RunStatus
from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.coverage import write_coverage
from hctap_stores.database.measures import sum_measures
from hctap_stores.database.repeated import Repeated
from hctap_stores.database.statistics import write_statistics

# Somebody works on a run while a session holds its lock; the lock's key is split in two in pg_locks.
_RUNS: Final = """
SELECT r.*, EXISTS (
    SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (l.classid::bigint << 32) | l.objid::bigint = hashtextextended('hctap-run-' || r.run_id, 0)
) OR EXISTS (
    SELECT FROM procrastinate.procrastinate_jobs j
    WHERE j.status IN ('todo', 'doing') AND (j.args->>'run_no')::integer = r.run_no
) AS is_worked_on
FROM runs r
"""
_COUNTS: Final = """
SELECT count(*) AS notes,
    count(*) FILTER (WHERE state = 'done') AS done,
    count(*) FILTER (WHERE state = 'duplicate') AS duplicates,
    count(*) FILTER (WHERE state = 'quarantined') AS quarantined,
    count(*) FILTER (WHERE state = 'pending') AS pending,
    count(*) FILTER (WHERE state = 'unchanged') AS unchanged,
    count(*) FILTER (WHERE shard IS NOT NULL) AS distinct,
    coalesce(sum(entity_count) FILTER (WHERE state IN ('done', 'unchanged')), 0) AS entities,
    coalesce(sum(characters) FILTER (WHERE state = 'done'), 0) AS characters
FROM run_notes WHERE run_no = %s
"""

NEWEST_FIRST: Final = "(selection IS NULL) DESC, finished_at DESC NULLS LAST, run_no DESC"
# Shards are worked on side by side: the time of a run is that in which any was, without the gaps of interruptions.
_WORKED: Final = """
SELECT unnest(range_agg(tstzrange(finished_at - duration_us * interval '1 microsecond', finished_at))) AS span
FROM run_shards WHERE run_no = %(run_no)s AND duration_us > 0
"""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run with what only the stores need to know of it."""

    run_no: int
    run: Run
    is_published: bool
    is_worked_on: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class QuarantinedNote:
    """A note of a run that could not be worked on, and why; `etag` is that of the bytes that were judged.

    A record of a pack has its place there: the pack's key and etag, and the offset.
    """

    object_key: str
    etag: str
    bytes: int
    note_id: str | None
    reason: str
    detail: str | None
    pack_key: str | None = None
    pack_etag: str | None = None
    pack_offset: int | None = None


def run_lock(run_id: str) -> str:
    """The name of the lock that the process which works on a run holds."""
    return f"hctap-run-{run_id}"


def create_run(database: Database, run_id: str, pipeline: Pipeline, *, is_incremental: bool = False) -> StoredRun:
    """Enter a run as queued; a run of that id which is there already is left as it is.

    An incremental run carries over what the last finished run of its pipeline found in notes that are unchanged.
    """
    with database.transaction() as connection:
        enter_run(connection, run_id, pipeline, is_incremental=is_incremental)
    return find_run(database, run_id)


def enter_run(connection: Connection, run_id: str, pipeline: Pipeline, *, is_incremental: bool) -> int | None:
    """Enter a run as queued and give its number; None, with nothing changed, if there is one of that id."""
    row = connection.execute(
        """
        INSERT INTO runs (run_id, status, pipeline, pipeline_hash, is_incremental)
        VALUES (%s, 'queued', %s, %s, %s) ON CONFLICT (run_id) DO NOTHING RETURNING run_no
        """,
        (run_id, Jsonb(pipeline.model_dump(mode="json")), pipeline.hash, is_incremental),
    ).fetchone()
    return int(row[0]) if row else None


def find_run(database: Database, run_id: str) -> StoredRun:
    """The run of an id; `latest` is the run that finished last.

    Raises:
        RunNotFound: If there is none.
    """
    if run_id == "latest":
        # One over some of the notes is the latest only where none is over all.
        query = f"WHERE status IN ('succeeded', 'partial') ORDER BY {NEWEST_FIRST} LIMIT 1"
        found = _select(database, query, ())
    else:
        found = _select(database, "WHERE run_id = %s", (run_id,))
    if not found:
        raise RunNotFound(f"There is no run {run_id!r}.", remedy="`hctap-etl runs list` shows the runs.")
    return found[0]


def list_runs(database: Database, limit: int = 100) -> list[StoredRun]:
    """The newest runs, the newest first."""
    return _select(database, "ORDER BY run_no DESC LIMIT %s", (limit,))


def find_interrupted_run(database: Database, pipeline_hash: str) -> StoredRun | None:
    """The newest run of a pipeline that is not finished or whose manifest is not in the lake yet."""
    found = _select(
        database,
        """
        WHERE pipeline_hash = %s AND (status IN ('queued', 'running')
            OR status IN ('succeeded', 'partial') AND published_at IS NULL)
        ORDER BY run_no DESC LIMIT 1
        """,
        (pipeline_hash,),
    )
    return found[0] if found else None


def finish_run(
    database: Database,
    run_no: int,
    drift_threshold: float = DRIFT_THRESHOLD,
    *,
    repeated: Repeated | None = None,
) -> StoredRun:
    """Count what became of the notes, measure what they covered and set the final status, in one transaction.

    What was measured for the run that this one repeats is its own.
    """
    with database.transaction() as connection:
        counts = count_notes(connection, run_no)
        status = RunStatus.PARTIAL if counts.quarantined else RunStatus.SUCCEEDED
        connection.execute(
            f"""
            UPDATE runs SET status = %(status)s, counts = %(counts)s, finished_at = now(), error = NULL,
                (duration_ms_p50, duration_ms_p95) = (
                    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_us) / 1000,
                           percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_us) / 1000
                    FROM run_notes WHERE run_no = %(run_no)s AND state = 'done'),
                notes_per_second = (
                    SELECT %(done)s / nullif(extract(epoch FROM sum(upper(span) - lower(span))), 0)
                    FROM ({_WORKED}) AS worked)
            WHERE run_no = %(run_no)s AND status = 'running'
            """,  # noqa: S608 - a constant
            {
                "status": status,
                "counts": Jsonb(counts.model_dump(mode="json")),
                "run_no": run_no,
                "done": counts.done,
            },
        )
        repeated_no = repeated.run_no if repeated else None
        write_coverage(connection, run_no, drift_threshold, repeated=repeated_no)
        write_statistics(connection, run_no, repeated=repeated_no)
    return _select(database, "WHERE run_no = %s", (run_no,))[0]


def count_notes(connection: Connection, run_no: int) -> RunCounts:
    """What became of the notes of a run so far."""
    with connection.cursor(row_factory=dict_row) as cursor:
        totals = cursor.execute(_COUNTS, (run_no,)).fetchone() or {}
    by_type = connection.execute(
        """
        SELECT key, sum(value::bigint)::bigint FROM run_shards, jsonb_each_text(by_type)
        WHERE run_no = %s GROUP BY 1 ORDER BY 1
        """,
        (run_no,),
    ).fetchall()
    by_reason = connection.execute(
        "SELECT reason, count(*) FROM run_notes WHERE run_no = %s AND reason IS NOT NULL GROUP BY 1 ORDER BY 1",
        (run_no,),
    ).fetchall()
    measures = sum_measures(connection, run_no)
    return RunCounts.model_validate(totals | measures | {"by_type": dict(by_type), "by_reason": dict(by_reason)})


def age_of_newest_success(database: Database) -> timedelta | None:
    """How long ago the newest successful run finished, by the database's clock; None before the first."""
    with database.transaction() as connection:
        row = connection.execute(
            "SELECT now() - max(finished_at) FROM runs WHERE status = 'succeeded' AND selection IS NULL"
        ).fetchone()
    return row[0] if row else None


def mark_published(database: Database, run_no: int) -> None:
    """Note that the run's manifest stands in the lake."""
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET published_at = coalesce(published_at, now()) WHERE run_no = %s", (run_no,))


def fail_run(database: Database, run_no: int, message: str) -> None:
    """Mark a run that is not finished as failed, and say why."""
    with database.transaction() as connection:
        connection.execute(
            """
            UPDATE runs SET status = 'failed', finished_at = now(), error = %s
            WHERE run_no = %s AND status IN ('queued', 'running')
            """,
            (message, run_no),
        )


def reopen_run(database: Database, run_id: str) -> StoredRun:
    """Let a failed or cancelled run go on where it was; any other is left as it is."""
    with database.transaction() as connection:
        connection.execute(
            """
            UPDATE runs SET status = CASE WHEN started_at IS NULL THEN 'queued' ELSE 'running' END,
                finished_at = NULL, error = NULL
            WHERE run_id = %s AND status IN ('failed', 'cancelled')
            """,
            (run_id,),
        )
    return find_run(database, run_id)


def note_error(database: Database, run_no: int, message: str) -> None:
    """Keep what stopped the work on a run, for those who list the runs."""
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET error = %s WHERE run_no = %s", (message, run_no))


def list_parts(database: Database, run_no: int) -> list[Part]:
    """The objects that hold the run's entities in the lake, in order."""
    with database.transaction() as connection:
        rows = connection.execute(
            """
            SELECT object_key, sha256, rows, bytes FROM run_shards WHERE run_no = %s AND state = 'done' ORDER BY shard
            """,
            (run_no,),
        )
        return [Part(key=key, sha256=sha256, rows=count, bytes=size) for key, sha256, count, size in rows]


def list_quarantine(database: Database, run_no: int) -> list[QuarantinedNote]:
    """The run's notes in quarantine, by key."""
    with database.transaction() as connection:
        rows = connection.execute(
            """
            SELECT n.object_key, n.etag, n.bytes, n.note_id, n.reason, n.detail, p.object_key, p.etag, n.pack_offset
            FROM run_notes n LEFT JOIN lake_packs p USING (pack_no)
            WHERE n.run_no = %s AND n.state = 'quarantined' ORDER BY n.object_key
            """,
            (run_no,),
        )
        return [QuarantinedNote(*row) for row in rows]


def _select(database: Database, tail: str, values: Sequence[object]) -> list[StoredRun]:
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return [_stored(row) for row in cursor.execute(_RUNS + tail, values)]


def _stored(row: dict[str, Any]) -> StoredRun:
    run = Run.model_validate({name: row[name] for name in Run.model_fields})
    published: datetime | None = row["published_at"]
    return StoredRun(row["run_no"], run, published is not None, row["is_worked_on"], row["error"])
