"""`limited.py MB COMMAND…`: a command none of whose processes gets more memory of its own than that.

Its children inherit the limit; one that asks for more gets a MemoryError. What is shared (code, files) does not count,
and outside Linux nothing does that is mapped.
"""

import os
import resource
import sys


def main(arguments: list[str]) -> None:
    """Become the command."""
    size = int(arguments[0]) << 20
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    os.execv(arguments[1], arguments[1:])  # noqa: S606 - the command that the test gives


if __name__ == "__main__":
    main(sys.argv[1:])
