"""How a worker hands its findings to the process that commits them: block by block, each in memory once on either side.

Pickled as a whole they would be there twice, some 30 MB a shard, in the worker while it sends and in the other while it
reads.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any, Final

from hctap_core.errors import PlatformError
from hctap_etl.shards import Findings, Worked
from hctap_stores.database.rows import Block

Answer = Findings | PlatformError
# About a megabyte of lines; a system takes 1024 pieces at the most.
_AT_ONCE: Final = 32


@dataclass(frozen=True, slots=True)
class Announced:
    """Findings without their blocks, and how large those are that come next."""

    findings: Findings
    sizes: Sequence[int]


Message = Announced | PlatformError


def send_answer(connection: "Connection[Message, Any]", answer: Worked | PlatformError) -> None:
    """Send findings, or what prevented them."""
    if isinstance(answer, PlatformError):
        connection.send(answer)
        return
    blocks = (answer.lines, *answer.tables)
    connection.send(Announced(answer.findings, [sum(map(len, pieces)) for pieces in blocks]))
    for pieces in blocks:
        for begin in range(0, len(pieces), _AT_ONCE):
            _write(connection.fileno(), pieces[begin : begin + _AT_ONCE])


def receive_answer(connection: "Connection[Any, Message]") -> Answer:
    """What the other side sends.

    Raises:
        EOFError: If it ends before it has sent all of it.
    """
    message = connection.recv()
    if isinstance(message, PlatformError):
        return message
    lines, *tables = [_read(connection.fileno(), size) for size in message.sizes]
    findings = message.findings
    return replace(findings, lines=lines, rows=replace(findings.rows, tables=tuple(tables)))


def _write(handle: int, pieces: Sequence[Block]) -> None:
    sent = os.writev(handle, pieces)
    if sent == sum(map(len, pieces)):
        return
    left = memoryview(b"".join(pieces))[sent:]
    while left:
        left = left[os.write(handle, left) :]


def _read(handle: int, size: int) -> Block:
    # A connection's own way takes memory for all that is left with each piece that comes, and again for their sum.
    block = bytearray(size)
    left = memoryview(block)
    while left:
        count = os.readv(handle, [left])
        if count == 0:
            raise EOFError
        left = left[count:]
    return block
