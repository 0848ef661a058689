"""Bytes in a file without a name, which is gone with the process."""

import os
import tempfile
import threading
from bisect import insort
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Final, NamedTuple, Self

from hctap_stores.database.rows import Block


class Place(NamedTuple):
    """Where bytes are kept: in which of the files that there have been, from where, and how many."""

    file: int
    begin: int
    size: int


class Scratch:
    """What does not have to stay in memory, until it is taken; threads may write and take side by side."""

    def __init__(self) -> None:
        self._lock: Final = threading.Lock()
        self._file: IO[bytes] | None = None
        self._number = 0
        self._end = 0
        # What is free before the end, in order, and nowhere side by side: begin and end of each.
        self._free: list[tuple[int, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.clear()

    def write(self, blocks: Sequence[Block]) -> Place:
        """Keep blocks, one behind the other, and say where.

        Raises:
            OSError: If there is no room for them.
        """
        size = sum(map(len, blocks))
        with self._lock:
            # Without a buffer, so that what did not find room is not tried again when the file is closed.
            self._file = self._file or tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed when it is cleared
            begin = self._find_room(size)
            if os.pwritev(self._file.fileno(), blocks, begin) != size:
                self._give_back(begin, size)
                raise OSError("the file for what need not stay in memory could not be written whole")
            return Place(self._number, begin, size)

    def take(self, place: Place) -> bytes:
        """What was written there, which is kept no longer; to be taken once.

        Raises:
            ValueError: If it is not kept any more.
        """
        with self._lock:
            if self._file is None or place.file != self._number:
                raise ValueError("nothing was kept")
            data = os.pread(self._file.fileno(), place.size, place.begin)
            self._give_back(place.begin, place.size)
        return data

    def clear(self) -> None:
        """Keep nothing any more."""
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._file, self._end = None, 0
            self._free.clear()
            self._number += 1

    def _find_room(self, size: int) -> int:
        """Where so many bytes find room: the first place that is free, else the end.

        What was taken gives its place to what comes next, on the disk and in the system's memory.
        """
        for number, (begin, end) in enumerate(self._free):
            if end - begin >= size:
                self._free[number : number + 1] = [(begin + size, end)] if end - begin > size else []
                return begin
        begin = self._end
        self._end += size
        return begin

    def _give_back(self, begin: int, size: int) -> None:
        if size == 0:
            return
        insort(self._free, (begin, begin + size))
        joined: list[tuple[int, int]] = []
        for first, last in self._free:
            if joined and joined[-1][1] == first:
                joined[-1] = (joined[-1][0], last)
            else:
                joined.append((first, last))
        if joined[-1][1] == self._end:
            self._end = joined.pop()[0]
        self._free = joined
