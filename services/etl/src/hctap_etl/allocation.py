"""How a process that works on a run takes memory for what is large: apart, so that it goes back once it is free."""

import ctypes
from typing import Final

# The number that glibc's `mallopt` has for it.
_MMAP_THRESHOLD: Final = -3
_LARGE_BYTES: Final = 1 << 20


def keep_large_blocks_apart() -> None:
    """Let every block of a megabyte or more go back to the system when it is free; does nothing without glibc.

    By itself glibc takes the size of the largest block that was freed for what is usual: from then on blocks as large
    lie among small ones, and twice as much stays with the process.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
