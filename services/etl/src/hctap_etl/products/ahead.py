"""The entities of silver, written while the database counts: both take seconds, each of one core."""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from hctap_core.runs import Part
from hctap_etl.products.producing import write_entities
from hctap_stores.lake.lake import Lake


class _Abandoned(Exception):
    """Nobody wants the entities any more."""


class Ahead:
    """A thread that writes them while the block lasts; it needs the lake alone, and ends with the block."""

    def __init__(self, lake: Lake, run_id: str, parts: Iterable[Part]) -> None:
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hctap-silver")
        self._written: Future[list[Part]] = self._pool.submit(write_entities, lake, run_id, self._while_wanted(parts))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._pool.shutdown()

    def entities(self) -> list[Part]:
        """The objects, when they are written; raises what prevented them."""
        return self._written.result()

    def _while_wanted(self, parts: Iterable[Part]) -> Iterator[Part]:
        for part in parts:
            if self._over.is_set():
                raise _Abandoned
            yield part
