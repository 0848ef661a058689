"""What the threads share that keep workers busy: tasks read ahead, results to hand on, and whether it is over."""

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Generic, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")
Item = TypeVar("Item")

_LOOK_UP_SECONDS = 0.1


class ShiftOver(Exception):
    """Nobody wants the results any more."""


class Shift(Generic[Given, Made]):
    """One pass of several threads over tasks; both queues hold no more than one item for each thread.

    An exception of a thread is raised where the results are read.
    """

    def __init__(self, tasks: Iterable[Given], size: int) -> None:
        self._size = size
        self._tasks: queue.Queue[Given | None] = queue.Queue(size)
        self._results: queue.Queue[Made | BaseException | None] = queue.Queue(size)
        self.is_over = False
        # One thread alone reads the tasks: whatever they come from need not know of threads.
        self._reader = threading.Thread(target=self._read, args=(tasks,), name="hctap-reader", daemon=True)
        self._reader.start()

    def tasks(self) -> Iterator[Given]:
        """The tasks for one thread.

        Raises:
            ShiftOver: If the shift ends before the tasks do.
        """
        while (task := self._take()) is not None:
            yield task

    def hand_over(self, item: Made | BaseException | None) -> None:
        """Give a result, an exception, or None at the end of a thread's work; waits until there is room."""
        self._put(self._results, item)

    def results(self) -> Iterator[Made]:
        """The results of all threads, as they come."""
        working = self._size
        while working:
            item = self._results.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                working -= 1
            else:
                yield item
            # It is large: nobody needs it while the next one is awaited.
            del item

    def end(self) -> None:
        """Let every thread end as soon as it looks up."""
        self.is_over = True

    def join(self) -> None:
        """Wait for the reader."""
        self._reader.join()

    def _read(self, tasks: Iterable[Given]) -> None:
        try:
            for task in tasks:
                self._put(self._tasks, task)
            for _ in range(self._size):
                self._put(self._tasks, None)
        except ShiftOver:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again where the results are read
            with suppress(ShiftOver):
                self._put(self._results, error)

    def _take(self) -> Given | None:
        while not self.is_over:
            with suppress(queue.Empty):
                return self._tasks.get(timeout=_LOOK_UP_SECONDS)
        raise ShiftOver

    def _put(
        self, target: "queue.Queue[Made | BaseException | None] | queue.Queue[Given | None]", item: object
    ) -> None:
        while not self.is_over:
            with suppress(queue.Full):
                target.put(item, timeout=_LOOK_UP_SECONDS)  # type: ignore[arg-type]
                return
        raise ShiftOver
