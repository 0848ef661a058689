"""How a worker hands its findings to the process that commits them: block by block, each in memory once on either side.

Pickled as a whole they would be there twice, some 30 MB a shard, in the worker while it sends and in the other while it
reads.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

from hctap_core.errors import PlatformError
from hctap_etl.shards import Findings
from hctap_stores.database.rows import Block

Answer = Findings | PlatformError


@dataclass(frozen=True, slots=True)
class Announced:
    """Findings without their blocks, and how large those are that come next."""

    findings: Findings
    sizes: Sequence[int]


Message = Announced | PlatformError


def send_answer(connection: "Connection[Message, Any]", answer: Answer) -> None:
    """Send findings, or what prevented them."""
    if isinstance(answer, PlatformError):
        connection.send(answer)
        return
    blocks = (answer.lines, *answer.rows.tables)
    connection.send(Announced(replace(answer, lines=b"", rows=replace(answer.rows, tables=())), [*map(len, blocks)]))
    for block in blocks:
        _write(connection.fileno(), block)


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


def _write(handle: int, block: Block) -> None:
    left = memoryview(block)
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
