"""The processes that hold the language engine: the event loop hands them texts and never waits."""

import asyncio
import logging
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from hctap_api.engine import tasks
from hctap_core.errors import EngineBusy, ExtractorUnavailable

log = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")
_Given = ParamSpec("_Given")

# The engine takes about 3 ms for a note of 3 KB and a second for one of 1 MiB, so this many keep a process busy for
# seconds at most; who comes after them is told to come again.
MOST_WAITING: Final = 64
LIMIT_SECONDS: Final = 30.0
TRUSTED_SECONDS: Final = 20.0
_NONE_REMEDY: Final = "Set HCTAP_API_WORKERS to 1 or more."


class Workers:
    """A pool of processes, each with an engine of its own; started before the event loop, as forks would copy it.

    A process that dies takes the pool with it: who waits is told so, and the next request finds a new pool.
    """

    def __init__(
        self, count: int, vocabulary_folder: Path, terms: Path | None, limit_seconds: float = LIMIT_SECONDS
    ) -> None:
        self.count = count
        self._limit_seconds = limit_seconds
        self._prepared = (vocabulary_folder, terms)
        self._pool: ProcessPoolExecutor | None = None
        self._waiting = 0
        self._answered_at = float("-inf")

    @property
    def waiting(self) -> int:
        """How many texts wait or are read."""
        return self._waiting

    def start(self) -> None:
        """Start the processes; they load the engine while the API is up already."""
        if self.count:
            # Spawned, not forked: a fork would inherit sockets, locks and the connections of the stores.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.count, context, tasks.prepare, self._prepared)
            for _ in range(self.count):
                self._pool.submit(tasks.warm).add_done_callback(_report)

    async def run(self, task: Callable[_Given, _Answer], *given: _Given.args, **named: _Given.kwargs) -> _Answer:
        """What a task of `tasks` answers in one of the processes.

        Raises:
            EngineBusy: If too many wait already.
            ExtractorUnavailable: If there are no processes, one died, or the time is over.
        """
        pool = self._pool
        if pool is None:
            raise ExtractorUnavailable("This API has no worker processes.", remedy=_NONE_REMEDY)
        if self._waiting >= MOST_WAITING * self.count:
            raise EngineBusy("Too many texts wait for the extractor.", remedy="Try again in a few seconds.")
        self._waiting += 1
        try:
            future = pool.submit(partial(task, *given, **named))
            async with asyncio.timeout(self._limit_seconds):
                answer = await asyncio.wrap_future(future)
        except BrokenProcessPool:
            self._replace(pool, "worker_died")
            raise ExtractorUnavailable(
                "A worker process died while it read.", remedy="Try again; if it dies again, report the text's source."
            ) from None
        except TimeoutError:
            # A process that is still loading the engine is not stuck.
            if future.running():
                self._replace(pool, "worker_stuck")
            raise ExtractorUnavailable(
                f"The extractor did not answer within {self._limit_seconds:g} s.", remedy="Try again shortly."
            ) from None
        else:
            self._answered_at = time.monotonic()
            return answer
        finally:
            self._waiting -= 1

    async def ping(self) -> None:
        """See that a process answers with a loaded engine, or has done so just now: a busy engine is a good one.

        Raises:
            ExtractorUnavailable: If none does.
        """
        if time.monotonic() - self._answered_at > TRUSTED_SECONDS:
            await self.run(tasks.warm)

    async def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            await asyncio.to_thread(_end, pool, is_last=True)

    def _replace(self, broken: ProcessPoolExecutor, event: str) -> None:
        # Of all who see the same pool break, the first one replaces it.
        if self._pool is broken:
            log.error(event, extra={"count": self.count})
            self._answered_at = float("-inf")
            _end(broken, is_last=False)
            self.start()


def _end(pool: ProcessPoolExecutor, *, is_last: bool) -> None:
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        process.terminate()
    # Only the end of the program waits, for the semaphores of the queues to be given back.
    pool.shutdown(wait=is_last, cancel_futures=True)


def _report(loaded: "Future[Any]") -> None:
    if loaded.cancelled():
        return
    if (error := loaded.exception()) is not None:
        log.error("engine_not_loaded", extra={"error": f"{type(error).__name__}: {getattr(error, 'message', '')}"})
    else:
        log.info("engine_loaded", extra={"pid": loaded.result()})
