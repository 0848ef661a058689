"""The processes that hold the language engine: the event loop hands them texts and never waits."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, cast

from hctap_api.engine import tasks
from hctap_api.engine.process import EngineProcess, Failure, pack
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
_DIED: Final = (EOFError, OSError)


class Workers:
    """Processes, each with an engine of its own; started before the event loop, which they answer once it is open.

    A process that dies or does not end is replaced; only whoever asked it hears of that, the others go on waiting.
    """

    def __init__(
        self, count: int, vocabulary_folder: Path, terms: Path | None, limit_seconds: float = LIMIT_SECONDS
    ) -> None:
        self.count = count
        self._limit_seconds = limit_seconds
        self._prepared = (vocabulary_folder, terms)
        self._processes: set[EngineProcess] = set()
        self._free: asyncio.Queue[EngineProcess] = asyncio.Queue()
        # The event loop alone would not keep them.
        self._under_way: set[asyncio.Task[Any]] = set()
        self._waiting = 0
        self._answered_at = float("-inf")
        self._is_open = False

    @property
    def waiting(self) -> int:
        """How many texts wait or are read."""
        return self._waiting

    def start(self) -> None:
        """Start the processes; they load the engine while the API is up already."""
        for _ in range(self.count):
            self._processes.add(EngineProcess.start(*self._prepared))

    async def open(self) -> None:
        """Begin to hear the processes; each takes tasks once its engine is loaded."""
        self._is_open = True
        for process in self._processes:
            self._keep(self._welcome(process))

    async def run(self, task: Callable[_Given, _Answer], *given: _Given.args, **named: _Given.kwargs) -> _Answer:
        """What a task of `tasks` answers in one of the processes.

        Raises:
            EngineBusy: If too many wait already.
            ExtractorUnavailable: If there are no processes, the one that was asked died, or the time is over.
        """
        if not self.count:
            raise ExtractorUnavailable("This API has no worker processes.", remedy=_NONE_REMEDY)
        if self._waiting >= MOST_WAITING * self.count:
            raise EngineBusy("Too many texts wait for the extractor.", remedy="Try again in a few seconds.")
        packed = pack(task, *given, **named)
        self._waiting += 1
        try:
            self._restore()
            if not self._free.empty():
                # The answer has a limit of its own.
                return cast(_Answer, await self._hand(packed))
            async with asyncio.timeout(self._limit_seconds):
                return cast(_Answer, await self._hand(packed))
        except TimeoutError:
            raise self._too_late() from None
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
        self._is_open = False
        under_way = list(self._under_way)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        processes, self._processes = self._processes, set()
        for process in processes:
            process.kill()
        await asyncio.gather(*(asyncio.to_thread(process.wait) for process in processes))

    async def _hand(self, packed: bytes) -> object:
        process = await self._free.get()
        # Who goes away does not stop it: half an answer would stand before the next one.
        return await asyncio.shield(self._keep(self._ask(process, packed)))

    async def _ask(self, process: EngineProcess, task: bytes) -> object:
        try:
            async with asyncio.timeout(self._limit_seconds):
                answer = await process.ask(task)
        except TimeoutError:
            self._replace(process, "worker_stuck")
            raise self._too_late() from None
        except _DIED:
            self._replace(process, "worker_died")
            raise ExtractorUnavailable(
                "A worker process died while it read.", remedy="Try again; if it dies again, report the text's source."
            ) from None
        self._free.put_nowait(process)
        if isinstance(answer, Failure):
            raise answer.error
        self._answered_at = time.monotonic()
        return answer

    async def _welcome(self, process: EngineProcess) -> None:
        """Wait, for however long it loads, until a process can be asked."""
        try:
            loaded = await process.welcome()
        except _DIED:
            # Started anew when somebody asks: it may die each time.
            log.error("worker_died", extra={"count": self.count})  # noqa: TRY400 - the event is all there is to say
            self._drop(process)
            return
        if isinstance(loaded, Failure):
            # Whatever it lacks, it says so to whoever asks it, too.
            said = f"{type(loaded.error).__name__}: {getattr(loaded.error, 'message', '')}"
            log.error("engine_not_loaded", extra={"error": said})
        else:
            log.info("engine_loaded", extra={"pid": loaded})
        self._free.put_nowait(process)

    def _replace(self, broken: EngineProcess, event: str) -> None:
        log.error(event, extra={"count": self.count})
        self._answered_at = float("-inf")
        self._drop(broken)
        self._restore()

    def _drop(self, process: EngineProcess) -> None:
        if process in self._processes:
            self._processes.discard(process)
            process.kill()
            self._keep(asyncio.to_thread(process.wait))

    def _restore(self) -> None:
        while self._is_open and len(self._processes) < self.count:
            process = EngineProcess.start(*self._prepared)
            self._processes.add(process)
            self._keep(self._welcome(process))

    def _keep(self, work: Coroutine[Any, Any, _Answer]) -> "asyncio.Task[_Answer]":
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, done: "asyncio.Task[Any]") -> None:
        self._under_way.discard(done)
        # Whoever waited has heard of a failure; if nobody did, it is no news.
        if not done.cancelled():
            done.exception()

    def _too_late(self) -> ExtractorUnavailable:
        return ExtractorUnavailable(
            f"The extractor did not answer within {self._limit_seconds:g} s.", remedy="Try again shortly."
        )
