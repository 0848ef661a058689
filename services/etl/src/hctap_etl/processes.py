"""A pool of worker processes that share one extractor: a crash costs a shard's time and no result."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from functools import cached_property
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Final, Self

from hctap_core.errors import ExtractorUnavailable, PlatformError
from hctap_core.runs import Pipeline
from hctap_etl.allocation import keep_large_blocks_apart
from hctap_etl.bisection import WorkerDied, work_or_bisect
from hctap_etl.handover import Memory, Message, receive_answer
from hctap_etl.loading import Nursery
from hctap_etl.recipe import Recipe
from hctap_etl.shards import Findings, Task
from hctap_etl.shift import Shift, ShiftOver

log = logging.getLogger(__name__)

Stage = Callable[[str, int, int], None]
# Far above what the largest shard can take: 1 MiB of notes, or one record of 8 MiB.
PATIENCE_SECONDS: Final = 600.0


class Worker:
    """One process of the pool, as the thread sees it that keeps it busy."""

    def __init__(self, connection: "Connection[Task, Message]", pid: int, memory: Memory) -> None:
        self._connection = connection
        self._memory = memory
        self.pid = pid
        self.is_let_go = False

    def do(self, task: Task) -> Findings:
        """The findings of a task.

        Raises:
            WorkerDied: If the process ends before it answers, or does not answer in a long time.
            ExtractorUnavailable: If the extractor is gone.
        """
        try:
            self._connection.send(task)
            if not self._connection.poll(PATIENCE_SECONDS):
                self.kill()
            answer = receive_answer(self._connection, self._memory)
        except (EOFError, OSError):
            self.dismiss()
            raise WorkerDied from None
        if isinstance(answer, PlatformError):
            raise answer
        return answer

    def dismiss(self) -> None:
        """Let the process end."""
        with suppress(OSError):
            self._connection.close()

    def kill(self) -> None:
        """End the process, whatever it does."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


class Processes:
    """A crew of processes, forked from one that loads the extractor while this process opens its stores.

    It is made before this process has a client, a loop or a thread. Findings come back as bytes. The pipeline is
    foreseen from files, so that a run is planned while the extractor is loaded; one that `is_lazy` starts nothing until
    there is work.
    """

    def __init__(self, recipe: Recipe, size: int, stage: Stage | None = None, *, is_lazy: bool = False) -> None:
        keep_large_blocks_apart()
        self._recipe = recipe
        self._size = size
        self._stage = stage
        self._awaiting = threading.Lock()
        self._memory = Memory()
        self._nursery: Nursery | None = None if is_lazy else Nursery(recipe)
        # Those in the middle of a task, to be ended when nobody wants its result.
        self._busy: dict[Worker, Task] = {}
        # Who is to be ended must not begin something else meanwhile.
        self._ending = threading.Lock()
        self._idle: list[Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the pool, and whoever still works for a job that was given back."""
        # A thread that was left to itself must not take one of them for a worker that died of its note.
        idle, self._idle = self._idle, []
        for worker in idle:
            worker.dismiss()
        self._let_go(lambda _: True)
        if self._nursery is not None:
            self._nursery.close()

    @cached_property
    def pipeline(self) -> Pipeline:
        """What the results depend on.

        Raises:
            UnknownExtractor: With the names that are known.
            ExtractorUnavailable: If it cannot be loaded.
        """
        return self._recipe.foresee() or self._loaded

    @cached_property
    def _loaded(self) -> Pipeline:
        """The pipeline as the extractor itself says it, once it is loaded."""
        nursery = self._nursery = self._nursery or Nursery(self._recipe)
        while True:
            message = nursery.hear()
            if isinstance(message, Pipeline):
                log.debug("extractor_ready", extra={"pipeline_hash": message.hash})
                return message
            if isinstance(message, PlatformError):
                raise message
            if self._stage is not None and isinstance(message, tuple):
                self._stage(*message)

    def await_extractor(self) -> None:
        """Return when the extractor is loaded; at once, where it was before.

        Raises:
            UnknownExtractor: With the names that are known.
            ExtractorUnavailable: If it cannot be loaded, or is another one than was foreseen.
        """
        with self._awaiting:
            if self._loaded != self.pipeline:
                raise ExtractorUnavailable(
                    "The engine or its vocabulary was changed while the run began.",
                    remedy="Give the same command again.",
                )

    def work(self, tasks: Iterable[Task]) -> Generator[tuple[Task, Findings]]:
        """The findings of tasks, as they come; a note that kills its worker is given up, the others are not.

        Raises:
            ExtractorUnavailable: If the extractor is gone.
        """
        self.await_extractor()
        shift: Shift[Task, tuple[Task, Findings]] = Shift(tasks, self._size)
        threads = [
            threading.Thread(target=self._serve, args=(shift,), name="hctap-worker", daemon=True)
            for _ in range(self._size)
        ]
        for thread in threads:
            thread.start()
        try:
            yield from shift.results()
        finally:
            shift.end()
            for worker in tuple(self._busy):
                worker.kill()
            for thread in threads:
                thread.join()
            shift.join()

    def work_one(self, task: Task) -> Findings:
        """The findings of one task; threads that ask at once have a process each.

        Raises:
            ExtractorUnavailable: If the extractor is gone.
            ShiftOver: If the task is let go meanwhile.
        """
        idle: list[Worker] = []

        def work(part: Task) -> Findings:
            worker = idle.pop() if idle else self._borrow()
            try:
                findings = self._watch(worker, part)
            except WorkerDied:
                log.warning("worker_died", extra={"run_id": task.run_id, "shard": task.shard, "pid": worker.pid})
                raise
            idle.append(worker)
            return findings

        try:
            return work_or_bisect(task, work)
        finally:
            self._idle.extend(idle)

    def let_go(self, run_no: int, shard: int) -> None:
        """End whoever works on a shard, for nobody wants its findings any more."""
        self._let_go(lambda task: (task.run_no, task.shard) == (run_no, shard))

    def _let_go(self, is_unwanted: Callable[[Task], bool]) -> None:
        with self._ending:
            for worker, task in self._busy.items():
                if is_unwanted(task):
                    worker.is_let_go = True
                    worker.kill()

    def _borrow(self) -> Worker:
        with suppress(IndexError):
            return self._idle.pop()
        return self._hire()

    def _serve(self, shift: Shift[Task, tuple[Task, Findings]]) -> None:
        worker: Worker | None = None

        def work(task: Task) -> Findings:
            nonlocal worker
            worker = worker or self._hire()
            try:
                return self._watch(worker, task)
            except WorkerDied:
                if shift.is_over:
                    raise ShiftOver from None
                log.warning("worker_died", extra={"run_id": task.run_id, "shard": task.shard, "pid": worker.pid})
                worker = None
                raise

        try:
            for task in shift.tasks():
                shift.hand_over((task, work_or_bisect(task, work)))
            shift.hand_over(None)
        except ShiftOver:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again where the results are read
            with suppress(ShiftOver):
                shift.hand_over(error)
        finally:
            if worker is not None:
                worker.dismiss()

    def _watch(self, worker: Worker, task: Task) -> Findings:
        with self._ending:
            self._busy[worker] = task
        try:
            findings = worker.do(task)
        except WorkerDied:
            # Not by a note, so that none is given up.
            if worker.is_let_go:
                raise ShiftOver from None
            raise
        finally:
            with self._ending:
                del self._busy[worker]
        if worker.is_let_go:
            worker.dismiss()
            raise ShiftOver
        return findings

    def _hire(self) -> Worker:
        self.await_extractor()
        if self._nursery is None:
            raise ValueError("nobody has awaited the extractor")
        return Worker(*self._nursery.hire(), self._memory)
