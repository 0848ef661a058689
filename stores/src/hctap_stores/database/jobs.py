"""A worker's side of the queue: takes jobs, hands them on, and gives those of dead workers back."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import AbortReason
from procrastinate.jobs import Job, Status
from procrastinate.worker import Worker

from hctap_core.errors import PlatformError, StoreUnavailable
from hctap_stores.database.comparisons import COMPARE
from hctap_stores.database.connection import connection_options
from hctap_stores.database.deletions import ERASE
from hctap_stores.database.exports import EXPORT
from hctap_stores.database.faults import START_REMEDY, address_of
from hctap_stores.database.hands import Hands
from hctap_stores.database.job_tasks import Tasks
from hctap_stores.database.job_threads import JobThreads
from hctap_stores.database.orders import EVALUATE, TAKE
from hctap_stores.database.queue import FINISH, PLAN, TRIES_OF_A_SHARD, WORK
from hctap_stores.database.retries import AT_ONCE, IF_GIVEN_BACK, WHILE_PASSING, GivenBack, is_hopeless
from hctap_stores.database.workers import Signs

log = logging.getLogger(__name__)

BEGIN: Final = "begin_run"
# Fargate Spot gives 120 seconds between SIGTERM and the end.
_GRACE_SECONDS: Final = 100.0
_LOOK_UP_SECONDS: Final = 0.3
# A starting worker strikes silent ones off the list, and one that is struck off and comes back cannot take a job any
# more. Their jobs are given back long before.
_FORGOTTEN_SECONDS: Final = 7 * 24 * 3600.0
# After a clock was set back, the last signs of dead workers and the times of tries lie in the future.
_HEARTBEATS_TO_COME: Final = "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE last_heartbeat > now()"
_TRIES_TO_COME: Final = """
UPDATE procrastinate_jobs SET scheduled_at = now()
WHERE queue_name = %(queue)s AND status = 'todo' AND scheduled_at > now() + interval '10 minutes'
"""


@dataclass(frozen=True, slots=True)
class Serving:
    """How a worker serves queues; a worker that gives no sign for three heartbeats is taken for dead.

    `queue` is that of its pipeline, `orders` those of what any worker of its kind may take; `signs` tell that it lives.
    Told to stop, it gives back what it has not ended within `grace_seconds`.
    """

    queue: str
    jobs_at_once: int
    heartbeat_seconds: float = 10.0
    schedule: str | None = None
    is_patient: bool = True
    orders: tuple[str, ...] = ()
    signs: Signs | None = None
    grace_seconds: float = _GRACE_SECONDS

    @property
    def queues(self) -> tuple[str, ...]:
        """All that it takes jobs from."""
        return (self.queue, *self.orders)


def serve(url: str, tasks: Tasks, serving: Serving) -> bool:
    """Take jobs until SIGTERM or Ctrl-C; if not patient, until none is left.

    Returns:
        Whether all that it took has ended. If not, a thread still works on what is given back, for which the end of the
        interpreter may wait without limit: the caller is to end the process. What the thread may write until then is
        what any doubled job writes.

    Raises:
        StoreUnavailable: If the database does not answer.
    """
    # It tells each job's beginning and end; ours tell what came of it.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    with _translated(url):
        return asyncio.run(_serve(url, tasks, serving))


async def _serve(url: str, tasks: Tasks, serving: Serving) -> bool:
    options = connection_options(url, "-c search_path=procrastinate,public")
    connector = PsycopgConnector(
        conninfo=url, kwargs=options | {"application_name": "hctap-worker"}, min_size=2, max_size=4, timeout=10.0
    )
    app = App(connector=connector)
    threads = JobThreads()
    _register(app, tasks, serving, threads)
    _register_chores(app, tasks, serving, threads)
    hands = Hands()
    asyncio.get_running_loop().set_exception_handler(_log_forgotten)
    async with app.open_async():
        worker = Worker(
            app,
            queues=list(serving.queues),
            concurrency=serving.jobs_at_once,
            update_heartbeat_interval=serving.heartbeat_seconds,
            stalled_worker_timeout=_FORGOTTEN_SECONDS,
            fetch_job_polling_interval=min(5.0, serving.heartbeat_seconds),
            shutdown_graceful_timeout=serving.grace_seconds,
            delete_jobs="successful",
            worker_middleware=[hands.hold],
        )
        working = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        nurse = asyncio.create_task(_give_back(app, tasks, serving, worker, hands))
        drained = asyncio.create_task(_await_drained(app, serving))
        try:
            await asyncio.wait({working, drained}, return_when=asyncio.FIRST_COMPLETED)
            # It is told to stop and not cancelled: until Python 3.12 `asyncio.wait_for`, by which the pool waits for a
            # connection, may swallow a cancellation, and the worker would go on for ever.
            worker.stop()  # type: ignore[no-untyped-call]
            await working
        finally:
            nurse.cancel()
            drained.cancel()
            if serving.signs is not None:
                with suppress(StoreUnavailable):
                    await asyncio.to_thread(serving.signs.end)
    return threads.are_done


async def _await_drained(app: App, serving: Serving) -> None:
    """Wait until nobody has a job of the queue any more; forever, if the worker is patient."""
    is_drained = False
    while not is_drained:
        await asyncio.sleep(_LOOK_UP_SECONDS)
        # A database that is away is the worker's matter: it ends by that, or waits.
        with suppress(ConnectorException):
            is_drained = not serving.is_patient and not await _count_jobs(app, serving.queues)


async def _count_jobs(app: App, queues: tuple[str, ...]) -> int:
    manager = app.job_manager
    found = [
        await manager.list_jobs_async(queue=queue, status=status) for queue in queues for status in ("todo", "doing")
    ]
    return sum(len(list(jobs)) for jobs in found)


def _register(app: App, tasks: Tasks, serving: Serving, threads: JobThreads) -> None:
    # A job goes into the queue that it is deferred into; that of the task is for those that name none.
    @app.task(name=TAKE, queue=serving.queue, retry=WHILE_PASSING, pass_context=True)
    async def take_run(context: JobContext, run_no: int) -> None:
        await _do(threads, context, lambda error: tasks.fail(run_no, error), lambda: tasks.take(run_no))

    @app.task(name=PLAN, queue=serving.queue, retry=WHILE_PASSING, pass_context=True)
    async def plan_run(context: JobContext, run_no: int) -> None:
        await _do(threads, context, lambda error: tasks.fail(run_no, error), lambda: tasks.plan(run_no))

    @app.task(name=WORK, queue=serving.queue, retry=WHILE_PASSING, pass_context=True)
    async def work_on_shard(context: JobContext, run_no: int, shard: int, tries: int) -> None:
        log.debug("shard_taken", extra={"run_id": run_no, "shard": shard, "attempt": tries})
        try:
            await _do(threads, context, lambda error: tasks.fail(run_no, error), lambda: tasks.work(run_no, shard))
        except asyncio.CancelledError:
            tasks.let_go(run_no, shard)
            raise

    @app.task(name=FINISH, queue=serving.queue, retry=WHILE_PASSING, pass_context=True)
    async def finish_run(context: JobContext, run_no: int) -> None:
        await _do(threads, context, lambda error: tasks.fail(run_no, error), lambda: tasks.finish(run_no))

    if serving.schedule:

        @app.periodic(cron=serving.schedule)
        @app.task(name=BEGIN, queue=serving.queue, queueing_lock=f"{BEGIN}-{serving.queue}")
        async def begin_run(timestamp: int) -> None:
            log.info("schedule_due", extra={"count": timestamp})
            await threads.do(tasks.begin)


def _register_chores(app: App, tasks: Tasks, serving: Serving, threads: JobThreads) -> None:
    @app.task(name=EVALUATE, queue=serving.queue, retry=WHILE_PASSING, pass_context=True)
    async def evaluate_run(context: JobContext, run_no: int, gold: str) -> None:
        await _do(threads, context, _leave, lambda: tasks.evaluate(run_no, gold))

    @app.task(name=EXPORT, queue=serving.queue, retry=WHILE_PASSING, pass_context=True)
    async def export_run(context: JobContext, export_no: int) -> None:
        await _do(threads, context, lambda error: tasks.fail_export(export_no, error), lambda: tasks.export(export_no))

    @app.task(name=ERASE, queue=serving.queue, retry=WHILE_PASSING, pass_context=True)
    async def erase_note(context: JobContext, note_id: str) -> None:
        await _do(threads, context, _leave, lambda: tasks.erase(note_id))

    # Not tried after an error: who looks counts what is not there, and the next run, or worker that starts, orders it.
    @app.task(name=COMPARE, queue=serving.queue, retry=IF_GIVEN_BACK, pass_context=True)
    async def compare_newest(context: JobContext) -> None:
        await _do(threads, context, _leave, tasks.compare)


async def _do(
    threads: JobThreads, context: JobContext, give_up: Callable[[Exception], None], work: Callable[[], None]
) -> None:
    try:
        await _try(threads, context.job, give_up, work)
    except asyncio.CancelledError:
        # Either the run was cancelled, or the grace of a worker that stops is over.
        if context.abort_reason() is not AbortReason.SHUTDOWN:
            raise
        log.warning("job_given_back", extra={"attempt": context.job.attempts, "part": context.job.task_name})
        raise GivenBack from None


async def _try(threads: JobThreads, job: Job, give_up: Callable[[Exception], None], work: Callable[[], None]) -> None:
    try:
        await threads.do(work)
    except Exception as error:
        facts = {"error": type(error).__name__, "attempt": job.attempts, "part": job.task_name}
        log.warning("job_failed", extra=facts)
        if is_hopeless(error, job):
            await threads.do(partial(give_up, error))
        raise


def _leave(_: Exception) -> None:
    """A chore that fails and has nothing to say so changes nothing of what it is about."""


async def _give_back(app: App, tasks: Tasks, serving: Serving, worker: Worker, hands: Hands) -> None:
    """Give a sign, look at the schedules, and give the jobs of dead workers back, as often as they have tries."""
    while True:
        try:
            if worker.worker_id is not None:
                # Procrastinate's own sign of life ends when the worker is told to stop: what it then still has in hand
                # would be taken for that of a dead one.
                await app.job_manager.update_heartbeat(worker.worker_id)
            if serving.signs is not None:
                await asyncio.to_thread(serving.signs.give)
            await asyncio.to_thread(tasks.order_due)
            await app.connector.execute_query_async(_HEARTBEATS_TO_COME)
            for queue in serving.queues:
                await app.connector.execute_query_async(_TRIES_TO_COME, queue=queue)
                for job in await app.job_manager.get_stalled_jobs(
                    queue=queue, seconds_since_heartbeat=serving.heartbeat_seconds * 3
                ):
                    await _give_back_one(app, tasks, job)
            for job in await hands.find_forsaken(app):
                log.warning("job_forsaken", extra={"part": job.task_name, "attempt": job.attempts})
                await _retry(app, job)
        except (ConnectorException, PlatformError):
            log.warning("queue_away")
        await asyncio.sleep(serving.heartbeat_seconds)


async def _give_back_one(app: App, tasks: Tasks, job: Job) -> None:
    given: dict[str, Any] = job.task_kwargs
    tries = int(given.get("tries", TRIES_OF_A_SHARD))
    log.warning("job_stalled", extra={"part": job.task_name, "attempt": job.attempts})
    if job.task_name == WORK and job.attempts + 1 >= tries:
        await asyncio.to_thread(tasks.part, int(given["run_no"]), int(given["shard"]), int(job.id or 0))
        await _close(app, job)
        return
    await _retry(app, job)


async def _retry(app: App, job: Job) -> None:
    try:
        await app.job_manager.retry_job(job, retry_at=AT_ONCE)
    except ConnectorException:
        # Another worker was faster.
        log.info("job_given_back_already", extra={"part": job.task_name})


def _log_forgotten(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # Else asyncio prints what the task was about.
    log.warning("job_not_acknowledged", extra={"error": type(context.get("exception")).__name__})


async def _close(app: App, job: Job) -> None:
    try:
        await app.job_manager.finish_job_by_id_async(int(job.id or 0), Status.FAILED, delete_job=True)
    except ConnectorException:
        log.info("job_given_back_already", extra={"part": job.task_name})


@contextmanager
def _translated(url: str) -> Iterator[None]:
    try:
        yield
    except ConnectorException:
        raise StoreUnavailable(f"PostgreSQL does not answer at {address_of(url)}.", remedy=START_REMEDY) from None
