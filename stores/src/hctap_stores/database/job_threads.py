"""The threads that jobs are done in: a worker that is told to stop ends, although one of them may still work."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future


class JobThreads:
    """A thread for each job; unlike those of a pool, nobody waits for them when the loop or the process ends."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    async def do(self, work: Callable[[], None]) -> None:
        """Do something in a thread of its own; who is cancelled meanwhile leaves the thread to itself."""
        done: Future[None] = Future()
        # Else it could be cancelled before the thread says how it ended.
        done.set_running_or_notify_cancel()
        thread = threading.Thread(target=_do, args=(work, done), name="hctap-job", daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()]
        self._threads.append(thread)
        thread.start()
        await asyncio.wrap_future(done)

    @property
    def are_done(self) -> bool:
        """Whether none of them works any more."""
        return not any(thread.is_alive() for thread in self._threads)


def _do(work: Callable[[], None], done: "Future[None]") -> None:
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
        done.set_exception(error)
    else:
        done.set_result(None)
