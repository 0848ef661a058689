"""What a worker really has in hand, against what it has by the queue's account.

A job whose end could not be written, because the database was away at that moment, is its worker's by the account as
long as that lives: nobody would ever do it again.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from procrastinate import App, JobContext
from procrastinate.jobs import Job, Status
from procrastinate.worker import Worker


class Hands:
    """The jobs that one worker has in hand; `hold` goes round each of them, as a middleware of the worker."""

    def __init__(self) -> None:
        self._worker_id: int | None = None
        self._held: set[int | None] = set()
        self._missed: set[int | None] = set()

    async def hold(self, do: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker) -> Any:  # noqa: ANN401 - what a task gives
        """Do a job, and have it in hand meanwhile."""
        self._worker_id = worker.worker_id
        self._held.add(context.job.id)
        try:
            return await do()
        finally:
            self._held.discard(context.job.id)

    async def find_forsaken(self, app: App) -> list[Job]:
        """The jobs that are this worker's by the account and in no hand, now as at the last look.

        One look alone may fall between a job's end and the word of it.
        """
        if self._worker_id is None:
            return []
        status = Status.DOING.value
        found = list(await app.job_manager.list_jobs_async(status=status, worker_id=self._worker_id))
        missed = [job for job in found if job.id not in self._held]
        forsaken = [job for job in missed if job.id in self._missed]
        self._missed = {job.id for job in missed}
        return forsaken
