"""Ports on 127.0.0.1, below the range from which the system hands out ports of its own."""

import hashlib
import socket
from collections.abc import Collection, Iterator
from pathlib import Path

from hctap_embedded.addresses import HOST

# Linux gives outgoing connections ports from 32768 on: such a connection can sit on a port that a restart needs.
FIRST, LAST = 15_000, 31_999


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    # macOS lets one bind 127.0.0.1 beside a server on all addresses, so ask whether somebody answers, too.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as caller:
        caller.settimeout(1)
        return caller.connect_ex((HOST, port)) != 0


def free_ports(home: Path, first_choices: Collection[int], taken: Collection[int]) -> Iterator[int]:
    """Free ports for one part of the stack at `home`: the choices first, then from a place that is the home's own.

    Two checkouts begin at different places, and the same checkout begins at the same one every time.
    """
    span = LAST - FIRST + 1
    begin = int(hashlib.sha256(str(home).encode()).hexdigest()[:8], 16) % span
    own = (FIRST + (begin + step) % span for step in range(span))
    for port in (*first_choices, *own):
        if port not in taken and is_free(port):
            yield port
