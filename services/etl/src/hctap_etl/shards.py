"""A shard of a run: its notes through the extractor, its entities as the bytes of a part and as rows."""

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hctap_cli.guarding import Found, extract_safely
from hctap_cli.lines import render_lines
from hctap_core.notes import sha256_of
from hctap_core.runs import Part
from hctap_nlp.extractors import Extractor
from hctap_stores.database.rows import LedgerNote, NoteResult, Rows, join_rows, render_rows
from hctap_stores.lake.keys import part_key, surrogate_key


@dataclass(frozen=True, slots=True)
class Task:
    """Notes of a run that are worked on together; `begun_ns` is when, by `time.monotonic_ns`."""

    run_id: str
    run_no: int
    shard: int
    notes: tuple[LedgerNote, ...]
    begun_ns: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in the notes of a task: the lines of the lake and the rows of the database, rendered.

    `surrogates` are the objects of texts that were read in place of the notes', with their keys.
    """

    lines: bytes
    count: int
    rows: Rows
    surrogates: tuple[tuple[str, bytes], ...] = ()


def work_on(extractor: Extractor, task: Task) -> Findings:
    """What the extractor finds in the notes of a task.

    Raises:
        ExtractorUnavailable: If the extractor is gone.
    """
    return _render(task, [extract_note(extractor, note, task.run_id) for note in task.notes])


def give_up(task: Task, failure: str) -> Findings:
    """The findings of a task whose notes could not be worked on at all, for the reason that `failure` names."""
    return _render(task, [NoteResult(note, (), (), 0, failure) for note in task.notes])


def join_findings(several: Iterable[Findings]) -> Findings:
    """The findings of several tasks of one shard as those of one, in the order given."""
    parts = list(several)
    return Findings(
        b"".join(part.lines for part in parts),
        sum(part.count for part in parts),
        join_rows(part.rows for part in parts),
        tuple(item for part in parts for item in part.surrogates),
    )


def extract_note(extractor: Extractor, note: LedgerNote, run_id: str) -> NoteResult:
    """What the extractor finds in a note; an error of it is the note's, and the run goes on."""
    begun = time.perf_counter_ns()
    found = extract_safely(extractor, note.text, note.note_id, run_id)
    surrogate = found.surrogate.to_record(sha256_of(note.text)) if found.surrogate else None
    duration_us = _microseconds_since(begun)
    return NoteResult(
        note,
        found.entities,
        found.sections,
        duration_us,
        found.failure,
        found.reason,
        surrogate,
        _measures(found),
    )


def _measures(found: Found) -> dict[str, Any] | None:
    measures: dict[str, Any] = {}
    if found.phi:
        measures["phi"] = dict(found.phi)
    if found.usage is not None:
        measures["usage"] = asdict(found.usage)
    return measures or None


def describe_part(run_id: str, shard: int, findings: Findings) -> Part:
    """The object that holds a shard's entities: its key is made of its content."""
    return describe_lines(run_id, shard, findings.lines, findings.count)


def describe_lines(run_id: str, shard: int, lines: bytes, count: int) -> Part:
    """The object that holds the lines of so many entities."""
    sha256 = hashlib.sha256(lines).hexdigest()
    return Part(key=part_key(run_id, shard, sha256), sha256=sha256, rows=count, bytes=len(lines))


def _render(task: Task, results: Sequence[NoteResult]) -> Findings:
    lines = render_lines(entity for result in results for entity in result.entities)
    count = sum(len(result.entities) for result in results)
    return Findings(lines, count, render_rows(task.run_no, results), tuple(_surrogates(results)))


def _surrogates(results: Sequence[NoteResult]) -> Iterator[tuple[str, bytes]]:
    for result in results:
        if result.surrogate is not None:
            key = surrogate_key(result.surrogate["raw_sha256"], result.surrogate["content_sha256"])
            yield key, render_lines([result.surrogate])


def _microseconds_since(begun: int) -> int:
    return (time.perf_counter_ns() - begun) // 1000
