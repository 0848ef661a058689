"""Silver of a run's entities, made while the run goes on: at its end only what the last parts hold is left to do.

Nothing of it stands in the lake before the run is over, so that a run that is cancelled leaves nothing there.
"""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from types import TracebackType
from typing import Self

from hctap_core.runs import Part
from hctap_etl.scratch import Place, Scratch

log = logging.getLogger(__name__)

# An object of silver: the type of its entities, its bytes and its rows.
Made = tuple[str, bytes, int]


class _Abandoned(Exception):
    """Nobody wants the objects any more."""


class Growing:
    """Makes the objects of silver in a thread of its own, which ends with the block.

    `make` makes them of the parts of a run in their order. It is only for runs whose parts all come from this process.
    """

    def __init__(self, make: Callable[[Iterable[Part]], Generator[Made]]) -> None:
        self._make = make
        self._scratch = Scratch()
        self._over = threading.Event()
        self._in_turn: queue.SimpleQueue[Part | None] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hctap-silver")
        self._making: Future[list[tuple[str, Place, int]]] | None = None
        self._turns: deque[int] = deque()
        # Those whose turn has not come.
        self._early: dict[int, Part] = {}
        self._given: list[Part] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.abandon()
        self._pool.shutdown()
        self._scratch.clear()

    def abandon(self) -> None:
        """Make and give no more objects, since nobody wants them."""
        self._over.set()
        self._in_turn.put(None)

    def begin(self) -> None:
        """Begin, before there is a part: what makes the objects takes a while to load."""
        self._making = self._pool.submit(self._keep_all)

    def expect(self, shards: Iterable[int]) -> None:
        """Expect a part of each of these shards, in this order."""
        self._turns = deque(shards)

    def add(self, shard: int, part: Part) -> None:
        """Take the part of a shard; it waits until those before it are there."""
        self._early[shard] = part
        while self._turns and self._turns[0] in self._early:
            part = self._early.pop(self._turns.popleft())
            self._given.append(part)
            self._in_turn.put(part)

    def take(self, parts: Sequence[Part], wanted: Iterable[Part]) -> Iterable[Made]:
        """The objects of these parts; where others were given, they are made now, of the parts as `wanted` gives them.

        Raises:
            RunConflict: If a part is missing from the lake.
        """
        making, self._making = self._making, None
        if making is not None and self._given == list(parts):
            self._in_turn.put(None)
            failure = making.exception()
            if failure is None:
                return self._give(making.result())
            if isinstance(failure, _Abandoned):
                raise failure
            # What was in the way then, want of room or of memory say, need not be now; if it is, it is raised.
            log.info("products_not_kept", extra={"error": type(failure).__name__})
        return self._make(wanted)

    def _give(self, kept: Iterable[tuple[str, Place, int]]) -> Iterator[Made]:
        for kind, place, rows in kept:
            self._require_wanted()
            yield kind, self._scratch.take(place), rows

    def _keep_all(self) -> list[tuple[str, Place, int]]:
        kept = []
        try:
            # Closed, so that what is half made goes with the failure and not with whoever looks at that.
            with closing(self._make(self._parts())) as made:
                for kind, data, rows in made:
                    self._require_wanted()
                    kept.append((kind, self._scratch.write([data]), rows))
        except BaseException:
            # The room is for those who go on.
            self._scratch.clear()
            raise
        return kept

    def _parts(self) -> Iterator[Part]:
        while (part := self._in_turn.get()) is not None:
            self._require_wanted()
            yield part
        self._require_wanted()

    def _require_wanted(self) -> None:
        if self._over.is_set():
            raise _Abandoned
