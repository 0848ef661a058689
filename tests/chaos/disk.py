"""A small disk that can be full: a tmpfs under the folder of the stores, where this user may mount one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_SIZE_MB: Final = 1024
_FILLER: Final = "filler"
_PIECE_BYTES: Final = 32 << 20
_LAST_BYTES: Final = 128 << 10


class Disk:
    """A folder on a disk of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / _FILLER

    def fill(self, leave_bytes: int) -> None:
        """Take all room but so much."""
        state = os.statvfs(self.folder)
        room = state.f_bavail * state.f_frsize - leave_bytes
        # A piece at a time: the stores take some of it meanwhile, and a piece that does not fit is not taken at all.
        with self._filler.open("wb") as file, suppress(OSError):
            taken = 0
            while taken < room:
                size = min(room - taken, _PIECE_BYTES if room - taken > _PIECE_BYTES else _LAST_BYTES)
                os.posix_fallocate(file.fileno(), taken, size)
                taken += size

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk | None]:
    """A disk under an empty folder; None, with the folder as it is, where it cannot be mounted."""
    if not sys.platform.startswith("linux") or os.getuid() != 0:
        yield None
        return
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE_MB}m,mode=0700", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        yield None
        return
    try:
        yield Disk(folder)
    finally:
        umount = ["umount", "-l", str(folder)]
        subprocess.run(umount, check=False, capture_output=True)
