"""A record as a reader hands it on: its note, or why there is none."""

from collections.abc import Callable
from dataclasses import dataclass

from hctap_core.errors import MalformedRecord
from hctap_core.notes import Note


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One record of a source: where it stands, its bytes as they were, and what they are."""

    origin: str
    data: bytes
    note: Note | None = None
    fault: MalformedRecord | None = None


def judge(origin: str, data: bytes, make: Callable[[], Note]) -> SourceRecord:
    """The record of some bytes from which `make` makes the note."""
    try:
        return SourceRecord(origin, data, note=make())
    except MalformedRecord as fault:
        return SourceRecord(origin, data, fault=fault)
