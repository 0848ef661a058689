"""One command at a time works on a home."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hctap_core.errors import StorePartUnavailable

_PAUSE_SECONDS = 0.02


@contextmanager
def locked(path: Path, *, patience_seconds: float = 180) -> Iterator[None]:
    """Hold the lock at `path`; the system lets go of it when the process ends, however it ends.

    Raises:
        StorePartUnavailable: another process held it longer than `patience_seconds`.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(descriptor, path, time.monotonic() + patience_seconds)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StorePartUnavailable(
                    f"Another command is still starting or stopping this stack (it holds {path}).",
                    remedy="Wait for it to end, or end it, and try again.",
                ) from None
            time.sleep(_PAUSE_SECONDS)
        else:
            return
