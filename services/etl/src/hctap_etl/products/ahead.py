"""The data products of a run, written while the database counts it: both take seconds, each of one core."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from hctap_core.runs import Part


class _Abandoned(Exception):
    """Nobody wants the products any more."""


class Ahead:
    """A thread that writes products from the parts of a run while the block lasts, and ends with it."""

    def __init__(self, parts: Iterable[Part], write: Callable[[Iterable[Part]], list[Part]]) -> None:
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hctap-silver")
        self._written: Future[list[Part]] = self._pool.submit(write, self._while_wanted(parts))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._pool.shutdown()

    def products(self) -> list[Part]:
        """The objects, when they are written; raises what prevented them."""
        return self._written.result()

    def _while_wanted(self, parts: Iterable[Part]) -> Iterator[Part]:
        for part in parts:
            if self._over.is_set():
                raise _Abandoned
            yield part
