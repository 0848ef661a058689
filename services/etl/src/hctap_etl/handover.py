"""How a worker hands its findings to the process that commits them: block by block, each in memory once on either side.

Pickled as a whole they would be there twice, some 30 MB a shard, in the worker while it sends and in the other while it
reads.
"""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, starmap
from multiprocessing.connection import Connection
from typing import Any, Final

from hctap_core.errors import PlatformError
from hctap_etl.outlines import OUTLINE_BLOCKS, Outline
from hctap_etl.shards import Findings, Worked
from hctap_stores.database.rows import TABLES, Block

Answer = Findings | PlatformError
# About a megabyte of lines; a system takes 1024 pieces at the most.
_AT_ONCE: Final = 32
_LARGE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Announced:
    """Findings without their blocks, and how large those are that come next: lines, tables, and those of outlines."""

    findings: Findings
    sizes: Sequence[int]


Message = Announced | PlatformError


class Memory:
    """Memory for large blocks, taken again when nobody has a view of it any more.

    To have the system clear new pages for each takes as much of a processor as to read the block.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[bytearray] = []

    def take(self, size: int) -> Block:
        """So many bytes, whatever they hold; what is large is free again with the last view of it."""
        if size < _LARGE_BYTES:
            return bytearray(size)
        with self._lock:
            free = sorted(filter(_is_free, self._kept), key=len)
            found = next((block for block in free if len(block) >= size), None)
            if found is None:
                # One that is too small gives its place up.
                self._kept = [block for block in self._kept if not free or block is not free[-1]]
                found = bytearray(size)
                self._kept.append(found)
            return memoryview(found)[:size]


def _is_free(block: bytearray) -> bool:
    """Whether nobody has a view of the block: only then could it be another size."""
    try:
        block.append(block.pop())
    except BufferError:
        return False
    return True


def send_answer(connection: "Connection[Message, Any]", answer: Worked | PlatformError) -> None:
    """Send findings, or what prevented them."""
    if isinstance(answer, PlatformError):
        connection.send(answer)
        return
    outlines = [(block,) for outline in answer.findings.outlines for block in outline.blocks]
    blocks = (answer.lines, *answer.tables, *outlines)
    sizes = [sum(map(len, pieces)) for pieces in blocks]
    connection.send(Announced(replace(answer.findings, outlines=()), sizes))
    for pieces in blocks:
        for begin in range(0, len(pieces), _AT_ONCE):
            _write(connection.fileno(), pieces[begin : begin + _AT_ONCE])


def receive_answer(connection: "Connection[Any, Message]", memory: Memory) -> Answer:
    """What the other side sends, its blocks in this memory.

    Raises:
        EOFError: If it ends before it has sent all of it.
    """
    message = connection.recv()
    if isinstance(message, PlatformError):
        return message
    blocks = iter([_read(connection.fileno(), memory.take(size)) for size in message.sizes])
    findings = message.findings
    return replace(
        findings,
        lines=next(blocks),
        rows=replace(findings.rows, tables=tuple(islice(blocks, len(TABLES)))),
        outlines=tuple(starmap(Outline, zip(*[blocks] * len(OUTLINE_BLOCKS), strict=True))),
    )


def _write(handle: int, pieces: Sequence[Block]) -> None:
    sent = os.writev(handle, pieces)
    if sent == sum(map(len, pieces)):
        return
    left = memoryview(b"".join(pieces))[sent:]
    while left:
        left = left[os.write(handle, left) :]


def _read(handle: int, block: Block) -> Block:
    # A connection's own way takes memory for all that is left with each piece that comes, and again for their sum.
    left = memoryview(block)
    while left:
        count = os.readv(handle, [left])
        if count == 0:
            raise EOFError
        left = left[count:]
    return block
