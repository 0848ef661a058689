"""Runs on order: entered with their job in one transaction, taken by a worker, resumed, tried again.

Whoever orders a run names an extractor; its pipeline is that of the worker that takes it, and empty until then.
"""

from typing import TYPE_CHECKING, Final

from psycopg.types.json import Jsonb

from hctap_core.errors import RunConflict
from hctap_core.orders import RunOrder
from hctap_core.phi import PhiPolicy
from hctap_core.runs import FINISHED, Pipeline, RunStatus, new_run_id
from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.idempotency import OnceKey, do_once
from hctap_stores.database.queue import (
    PLAN,
    cancel_run,
    defer_finish,
    defer_jobs,
    defer_shards,
    defer_unless_waiting,
    queue_name,
)
from hctap_stores.database.runs import StoredRun, enter_run, find_run

if TYPE_CHECKING:
    from hctap_core.golds import GoldSet

TAKE: Final = "take_run"
EVALUATE: Final = "evaluate_run"
# The queue of what any worker can do.
CHORES: Final = "hctap-chores"
_UNTAKEN: Final = ""


def order_queue_name(extractor: str) -> str:
    """The name of the queue for the runs that are ordered of an extractor."""
    return f"hctap-orders-{extractor}"


def order_run(database: Database, order: RunOrder, once: OnceKey | None = None) -> tuple[StoredRun, bool]:
    """Enter a run and put its job into the queue, in one transaction; gives whether that was done now.

    Raises:
        RequestConflict: If the key was sent with another order.
    """
    with database.transaction() as connection:
        run_id, is_new = do_once(connection, once, lambda: enter_order(connection, order))
    return find_run(database, run_id), is_new


def order_retry(database: Database, run_id: str, once: OnceKey | None = None) -> tuple[StoredRun, bool]:
    """Order a run over the same notes that extracts only those that the run at hand could not, or that are new.

    Raises:
        RunNotFound: If there is no such run.
        RunConflict: If it is not finished, or has nothing in quarantine.
    """
    stored = find_run(database, run_id)
    if stored.run.status not in FINISHED:
        raise RunConflict(f"The run {run_id} is not finished.", remedy="Resume it: POST /v1/runs/{run_id}/resume.")
    if not stored.run.counts.quarantined:
        raise RunConflict(f"The run {run_id} has nothing in quarantine.", remedy="There is nothing to do.")
    extractor, selection = stored.run.pipeline.extractor, stored.run.selection
    return order_run(database, RunOrder(extractor=extractor, selection=selection, incremental=True), once)


def take_run(database: Database, run_no: int, pipeline: Pipeline) -> bool:
    """Give an ordered run the pipeline of the worker that takes it, and put its plan into the queue.

    Returns:
        False if another worker was faster, or it is cancelled; then nothing is changed.
    """
    with database.transaction() as connection:
        taken = connection.execute(
            """
            UPDATE runs SET pipeline = %s, pipeline_hash = %s
            WHERE run_no = %s AND status = 'queued' AND pipeline_hash = %s
            """,
            (Jsonb(pipeline.model_dump(mode="json")), pipeline.hash, run_no, _UNTAKEN),
        )
        if taken.rowcount == 1:
            defer_jobs(connection, queue_name(pipeline.hash), PLAN, [{"run_no": run_no}])
    return taken.rowcount == 1


def cancel_order(database: Database, run_id: str) -> StoredRun:
    """Cancel a run that is queued or running; one that is cancelled already is left.

    Raises:
        RunNotFound: If there is none.
        RunConflict: If it is over.
    """
    stored = cancel_run(database, run_id)
    if stored.run.status is not RunStatus.CANCELLED:
        raise RunConflict(f"The run {run_id} is {stored.run.status.value}.", remedy="There is nothing to cancel.")
    return stored


def resume_run(database: Database, run_id: str) -> StoredRun:
    """Put what is left of a run into the queue again: one that failed, was cancelled, or that nobody works on.

    Raises:
        RunNotFound: If there is none.
        RunConflict: If it is finished and published, or a worker still has to let go of it.
    """
    stored = find_run(database, run_id)
    if stored.run.status in FINISHED and stored.is_published:
        raise RunConflict(f"The run {run_id} is finished.", remedy="Start a new one: POST /v1/runs.")
    if stored.is_worked_on:
        if stored.run.status in {RunStatus.CANCELLED, RunStatus.FAILED}:
            raise RunConflict(
                f"The run {run_id} is {stored.run.status.value}, and a worker has still to let go of it.",
                remedy="Resume it again in some seconds, while a worker runs.",
            )
        return stored
    with database.transaction() as connection:
        # Of two that ask at once, the second finds the jobs of the first.
        connection.execute("SELECT FROM runs WHERE run_no = %s FOR UPDATE", (stored.run_no,))
        if not find_run(database, run_id).is_worked_on:
            _put_back(connection, stored)
    return find_run(database, run_id)


def order_evaluation(database: Database, run_id: str, reference: str) -> "tuple[StoredRun, GoldSet]":
    """Put the evaluation of a run against kept gold into the queue, unless it waits there already.

    Raises:
        RunNotFound: If there is no such run.
        GoldNotFound: If there is no such gold.
        RunConflict: If the run is not finished.
    """
    # What gold is has models of its own, which nobody else here needs.
    from hctap_stores.database.gold import find_gold_set

    stored, gold = find_run(database, run_id), find_gold_set(database, reference)
    if stored.run.status not in FINISHED:
        raise RunConflict(f"The run {run_id} is not finished.", remedy="Wait for its end, or resume it.")
    if stored.run.pipeline.settings.get("phi") == PhiPolicy.REDACT:
        raise RunConflict(f"The run {run_id} read surrogate texts, which no gold fits.", remedy="Take another run.")
    with database.transaction() as connection:
        lock = f"evaluate-{stored.run_no}-{gold.reference}"
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (lock,))
        job = {"run_no": stored.run_no, "gold": gold.reference}
        defer_unless_waiting(connection, CHORES, EVALUATE, job, lock)
    return stored, gold


def enter_order(connection: Connection, order: RunOrder) -> str:
    """Enter a run and put its job into the queue; gives the id of the run."""
    pipeline = Pipeline(extractor=order.extractor, extractor_version="", code_version="")
    base = run_id = new_run_id(order.extractor)
    place = 1
    # Ids have the time in seconds: two runs that are ordered within one second must not share theirs.
    while (run_no := enter_run(connection, run_id, pipeline, is_incremental=order.incremental)) is None:
        place += 1
        run_id = f"{base}-{place}"
    selection = None if order.selection is None else Jsonb(order.selection.model_dump(mode="json", exclude_none=True))
    connection.execute(
        "UPDATE runs SET pipeline_hash = %s, selection = %s WHERE run_no = %s", (_UNTAKEN, selection, run_no)
    )
    defer_jobs(connection, order_queue_name(order.extractor), TAKE, [{"run_no": run_no}])
    return run_id


def _put_back(connection: Connection, stored: StoredRun) -> None:
    run_no, run = stored.run_no, stored.run
    if run.status in FINISHED:
        defer_finish(connection, run_no)
        return
    planned = run.started_at is not None
    connection.execute(
        "UPDATE runs SET status = %s, finished_at = NULL, error = NULL WHERE run_no = %s",
        (RunStatus.RUNNING if planned else RunStatus.QUEUED, run_no),
    )
    if planned:
        defer_shards(connection, run_no)
    elif run.pipeline_hash == _UNTAKEN:
        defer_jobs(connection, order_queue_name(run.pipeline.extractor), TAKE, [{"run_no": run_no}])
    else:
        defer_jobs(connection, queue_name(run.pipeline_hash), PLAN, [{"run_no": run_no}])
