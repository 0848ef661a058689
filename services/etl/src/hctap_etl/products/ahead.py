"""The data products of a run, written while the database counts it: all of it takes seconds, each of one core."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from hctap_core.runs import Part


class _Abandoned(Exception):
    """Nobody wants the products any more."""


class Ahead:
    """Threads that write products of a run while the block lasts, and end with it.

    `write` makes those of the parts at once; `count` asks the database for the others, which is told to begin.
    `abandon` lets a `write` that needs no parts end soon.
    """

    def __init__(
        self,
        parts: Iterable[Part],
        write: Callable[[Iterable[Part]], list[Part]],
        count: Callable[[], list[Part]],
        abandon: Callable[[], None] | None = None,
    ) -> None:
        self._abandon = abandon
        self._over = threading.Event()
        self._count = count
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="hctap-products")
        self._written: Future[list[Part]] = self._pool.submit(write, self._while_wanted(parts))
        self._counted: Future[list[Part]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        if self._abandon is not None:
            self._abandon()
        self._pool.shutdown()

    def begin_counting(self) -> None:
        """Begin what the database tells; before it has statistics of its tables it would plan that badly."""
        self._counted = self._pool.submit(self._count)

    def products(self) -> list[Part]:
        """The objects, when they are written; raises what prevented them."""
        counted = self._count() if self._counted is None else self._counted.result()
        return self._written.result() + counted

    def _while_wanted(self, parts: Iterable[Part]) -> Iterator[Part]:
        for part in parts:
            if self._over.is_set():
                raise _Abandoned
            yield part
