"""How a worker hands its findings to the process that commits them: block by block, each in memory once on either side.

Pickled as a whole they would be there twice, some 30 MB a shard, in the worker while it sends and in the other while it
reads.
"""

from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from hctap_core.errors import PlatformError
from hctap_etl.shards import Findings
from hctap_stores.database.rows import TABLES

Answer = Findings | PlatformError


def send_answer(connection: "Connection[Answer, Any]", answer: Answer) -> None:
    """Send findings, or what prevented them."""
    if isinstance(answer, PlatformError):
        connection.send(answer)
        return
    connection.send(replace(answer, lines=b"", rows=replace(answer.rows, tables=())))
    for block in (answer.lines, *answer.rows.tables):
        connection.send_bytes(block)


def receive_answer(connection: "Connection[Any, Answer]") -> Answer:
    """What the other side sends.

    Raises:
        EOFError: If it ends before it has sent all of it.
    """
    answer = connection.recv()
    if isinstance(answer, PlatformError):
        return answer
    lines, *tables = [connection.recv_bytes() for _ in ("lines", *TABLES)]
    return replace(answer, lines=lines, rows=replace(answer.rows, tables=tuple(tables)))
