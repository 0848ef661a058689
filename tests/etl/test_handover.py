"""Findings arrive as they were sent, and in the memory that they take."""

import threading
import tracemalloc
from dataclasses import replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import pytest

from hctap_core.errors import ExtractorUnavailable, PlatformError
from hctap_etl.handover import Announced, Answer, Memory, receive_answer, send_answer
from hctap_etl.outlines import Outline
from hctap_etl.shards import Findings, Worked
from hctap_stores.database.rows import TABLES, Block, LedgerEntry, Rows, number_term


def _split(findings: Findings) -> Worked:
    """Findings in pieces of many sizes, more of them than are written at once."""

    def split(block: Block) -> list[Block]:
        step = max(len(block) // 100, 1)
        return [block[begin : begin + step] for begin in range(0, len(block), step)]

    bare = replace(findings, lines=b"", rows=replace(findings.rows, tables=()))
    return Worked(bare, split(findings.lines), [split(block) for block in findings.rows.tables])


def _findings(size: int) -> Findings:
    tables = (b"e" * size, b"", *(bytes([number]) for number in range(len(TABLES) - 2)))
    terms = {number_term("PROBLEM", "fever", 8): 1}
    rows = Rows((LedgerEntry("notes/a.json", None, 1, 5),), tables, terms, {7: "{}"}, {}, {8: "[]"})
    outlines = tuple(Outline(*[bytes([letter]) * letter for letter in range(begin, begin + 7)]) for begin in (0, 7))
    return Findings(b"l" * size, 1, rows, (("surrogates/a", b"s"),), outlines)


def _pass(answer: Worked | PlatformError, memory: Memory | None = None) -> Answer:
    ours: Connection[Any, Any]
    ours, theirs = Pipe()
    with ours, theirs:
        sender = threading.Thread(target=send_answer, args=(theirs, answer))
        sender.start()
        received = receive_answer(ours, memory or Memory())
        sender.join()
        return received


def test_findings_arrive_whole() -> None:
    findings = _findings(1 << 20)
    assert _pass(_split(findings)) == findings


def test_what_prevented_them_arrives() -> None:
    received = _pass(ExtractorUnavailable("gone", remedy="wait"))
    assert isinstance(received, ExtractorUnavailable)
    assert (received.message, received.remedy) == ("gone", "wait")


def test_who_ends_before_all_is_sent_is_noticed() -> None:
    ours: Connection[Any, Any]
    ours, theirs = Pipe()
    with ours:
        with theirs:
            theirs.send(Announced(_findings(10), (10,)))
        with pytest.raises(EOFError):
            receive_answer(ours, Memory())


def test_findings_on_their_way_take_memory_once() -> None:
    worked = _split(_findings(16 << 20))
    tracemalloc.start()
    try:
        _pass(worked)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The received copy, and nothing beside it while it comes.
    assert peak < 1.05 * (32 << 20)


def test_memory_is_taken_again_when_nobody_looks_at_it() -> None:
    memory = Memory()
    first, second = memory.take(2 << 20), memory.take(3 << 20)
    memoryview(first)[0], memoryview(second)[0] = 1, 2
    kept = memoryview(second)[1:]
    del second
    # A view of some of it keeps all of it.
    third = memory.take(3 << 20)
    assert (first[0], third[0], len(third)) == (1, 0, 3 << 20)
    del kept
    assert memory.take(3 << 20)[0] == 2
    del first
    # What is too small gives its place up to what is not.
    tracemalloc.start()
    try:
        assert len(memory.take(5 << 20)) == 5 << 20
        assert len(memory.take(5 << 20)) == 5 << 20
        assert tracemalloc.get_traced_memory()[0] < 6 << 20
    finally:
        tracemalloc.stop()


def test_findings_that_are_kept_are_not_written_over() -> None:
    memory = Memory()
    size = 1 << 20
    kept = _pass(_split(_findings(size)), memory)
    _pass(_split(replace(_findings(size), lines=b"m" * size)), memory)
    assert kept == _findings(size)
