"""The queue: runs and their shards as jobs of Procrastinate, which come and go with the rows that they are about.

Jobs are put into the queue inside our own transactions. A queue belongs to a pipeline: a worker takes only jobs whose
results it would give, too.
"""

import json
from typing import Any, Final

from hctap_core.errors import RunNotFound
from hctap_core.runs import Pipeline, RunStatus
from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.runs import StoredRun, enter_run, find_run

PLAN: Final = "plan_run"
WORK: Final = "work_on_shard"
FINISH: Final = "finish_run"
# A worker that dies leaves its job to the next one, so often; then the shard is halved.
TRIES_OF_A_SHARD: Final = 3
TRIES_OF_A_NOTE: Final = 2
_DEFER: Final = """
SELECT procrastinate_defer_jobs_v1(ARRAY(
    SELECT ROW(%s, %s, 0, NULL, %s, args, NULL)::procrastinate_job_to_defer_v1 FROM unnest(%s::jsonb[]) AS args))
"""


def queue_name(pipeline_hash: str) -> str:
    """The name of the queue for the jobs of a pipeline."""
    return f"hctap-{pipeline_hash[:16]}"


def defer_run(database: Database, run_id: str, pipeline: Pipeline, *, is_incremental: bool) -> StoredRun:
    """Enter a run and put the job of planning it into the queue, in one transaction; a run that is there is left."""
    with database.transaction() as connection:
        run_no = enter_run(connection, run_id, pipeline, is_incremental=is_incremental)
        if run_no is not None:
            defer_jobs(connection, queue_name(pipeline.hash), PLAN, [{"run_no": run_no}])
    return find_run(database, run_id)


def defer_shards(connection: Connection, run_no: int) -> None:
    """Put a job for each shard of a run that has work into the queue; the finish, if none has."""
    rows = connection.execute(
        """
        SELECT shard, count(*) FROM run_notes WHERE run_no = %s AND state = 'pending' GROUP BY shard ORDER BY shard
        """,
        (run_no,),
    ).fetchall()
    jobs = [{"run_no": run_no, "shard": shard, "tries": TRIES_OF_A_SHARD} for shard, _ in rows]
    if jobs:
        defer_jobs(connection, _queue_of(connection, run_no), WORK, jobs)
    else:
        defer_finish(connection, run_no)


def defer_finish_after(connection: Connection, run_no: int) -> None:
    """Put the finish of a run into the queue if the shard at hand was its last; to be called when it is marked done."""
    # One commit after the other looks: of two that end at once, the second sees the first.
    connection.execute("SELECT FROM runs WHERE run_no = %s FOR NO KEY UPDATE", (run_no,))
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM run_notes WHERE run_no = %s AND state = 'pending')", (run_no,)
    ).fetchone()
    if row is not None and not row[0]:
        defer_finish(connection, run_no)


def split_shard(database: Database, run_no: int, shard: int, job_id: int) -> bool:
    """Part a shard that keeps killing its workers in two, each with a job of its own instead of the one it had.

    Returns:
        False if its note is alone by now: the note that kills; then nothing is changed.
    """
    with database.transaction() as connection:
        held = connection.execute(
            "SELECT FROM run_shards WHERE run_no = %s AND shard = %s AND state = 'pending' FOR UPDATE", (run_no, shard)
        )
        rows = connection.execute(
            "SELECT object_key FROM run_notes WHERE run_no = %s AND shard = %s AND state = 'pending' ORDER BY 1",
            (run_no, shard),
        ).fetchall()
        keys = [str(key) for (key,) in rows]
        if held.rowcount == 1 and len(keys) == 1:
            return False
        if not _take_away(connection, job_id) or held.rowcount != 1 or not keys:
            return True
        connection.execute("SELECT FROM runs WHERE run_no = %s FOR NO KEY UPDATE", (run_no,))
        made = connection.execute(
            """
            INSERT INTO run_shards (run_no, shard, state)
            SELECT run_no, max(shard) + 1, 'pending' FROM run_shards WHERE run_no = %s GROUP BY run_no RETURNING shard
            """,
            (run_no,),
        ).fetchone()
        other = int(made[0]) if made else 0
        half = keys[len(keys) // 2 :]
        connection.execute(
            "UPDATE run_notes SET shard = %s WHERE run_no = %s AND object_key = ANY(%s)", (other, run_no, half)
        )
        sizes = {shard: len(keys) - len(half), other: len(half)}
        jobs = [
            {"run_no": run_no, "shard": number, "tries": TRIES_OF_A_NOTE if size == 1 else 1}
            for number, size in sizes.items()
        ]
        defer_jobs(connection, _queue_of(connection, run_no), WORK, jobs)
    return True


def cancel_run(database: Database, run_id: str) -> StoredRun:
    """Cancel a run that is not finished, with its jobs; what is in hand is not taken any more.

    Raises:
        RunNotFound: If there is none.
    """
    with database.transaction() as connection:
        connection.execute(
            """
            UPDATE runs SET status = 'cancelled', finished_at = now(), error = NULL
            WHERE run_id = %s AND status IN ('queued', 'running')
            """,
            (run_id,),
        )
        _use_schema(connection)
        connection.execute(
            """
            SELECT procrastinate_cancel_job_v1(j.id, true, false) FROM procrastinate_jobs j
            JOIN public.runs r ON r.run_no = (j.args->>'run_no')::integer
            WHERE r.run_id = %s AND r.status = 'cancelled' AND j.status IN ('todo', 'doing')
            """,
            (run_id,),
        )
    return find_run(database, run_id)


def find_run_by_number(database: Database, run_no: int) -> StoredRun:
    """The run that a job is about.

    Raises:
        RunNotFound: If it has been deleted.
    """
    with database.transaction() as connection:
        row = connection.execute("SELECT run_id FROM runs WHERE run_no = %s", (run_no,)).fetchone()
    if row is None:
        raise RunNotFound(f"There is no run number {run_no}.")
    return find_run(database, str(row[0]))


def is_over(stored: StoredRun) -> bool:
    """Whether a run needs nothing more: finished and published, failed, or cancelled."""
    if stored.run.status in {RunStatus.FAILED, RunStatus.CANCELLED}:
        return True
    return stored.run.status in {RunStatus.SUCCEEDED, RunStatus.PARTIAL} and stored.is_published


def _take_away(connection: Connection, job_id: int) -> bool:
    # Of two that find the same dead worker, the first does what is to be done.
    _use_schema(connection)
    found = connection.execute("DELETE FROM procrastinate_jobs WHERE id = %s AND status = 'doing'", (job_id,))
    return found.rowcount == 1


def defer_finish(connection: Connection, run_no: int) -> None:
    """Put the finish of a run into the queue, unless it is there."""
    defer_unless_waiting(connection, _queue_of(connection, run_no), FINISH, {"run_no": run_no}, f"finish-{run_no}")


def defer_unless_waiting(connection: Connection, queue: str, task: str, job: dict[str, Any], lock: str) -> None:
    """Put a job into a queue, unless one under the same lock waits there."""
    _use_schema(connection)
    there = connection.execute("SELECT FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'", (lock,))
    if there.rowcount == 0:
        defer_jobs(connection, queue, task, [job], lock)


def defer_jobs(
    connection: Connection, queue: str, task: str, jobs: list[dict[str, Any]], queueing_lock: str | None = None
) -> None:
    """Put jobs into a queue, in the transaction at hand."""
    _use_schema(connection)
    connection.execute(_DEFER, (queue, task, queueing_lock, [json.dumps(job) for job in jobs]))


def _queue_of(connection: Connection, run_no: int) -> str:
    row = connection.execute("SELECT pipeline_hash FROM public.runs WHERE run_no = %s", (run_no,)).fetchone()
    if row is None:
        raise RunNotFound(f"There is no run number {run_no}.")
    return queue_name(str(row[0]))


def _use_schema(connection: Connection) -> None:
    # Procrastinate's functions and triggers name its tables without a schema; this holds until the transaction ends.
    connection.execute("SELECT set_config('search_path', 'procrastinate, public', true)")
