"""Bytes in a file without a name, which is gone with the process."""

import os
import tempfile
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Final, Self

from hctap_stores.database.rows import Block

Place = tuple[int, int]


class Scratch:
    """What does not have to stay in memory, until it is taken; threads may write and take side by side."""

    def __init__(self) -> None:
        self._lock: Final = threading.Lock()
        self._file: IO[bytes] | None = None
        self._end = 0
        self._kept = 0

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
            begin = self._end
            if os.pwritev(self._file.fileno(), blocks, begin) != size:
                raise OSError
            self._end += size
            self._kept += size
        return begin, size

    def take(self, place: Place) -> bytes:
        """What was written there, which is kept no longer; to be taken once.

        Raises:
            ValueError: If nothing is kept any more.
        """
        begin, size = place
        with self._lock:
            if self._file is None:
                raise ValueError("nothing was kept")
            data = os.pread(self._file.fileno(), size, begin)
            self._kept -= size
            if self._kept == 0:
                # What comes next takes the same place, on the disk and in the system's memory.
                os.ftruncate(self._file.fileno(), 0)
                self._end = 0
        return data

    def clear(self) -> None:
        """Keep nothing any more."""
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._file, self._end, self._kept = None, 0, 0
