"""A shard of a run: its notes through the extractor, its entities as the bytes of a part and as rows."""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, TypeVar

from hctap_cli.guarding import Failure, do_safely
from hctap_cli.lines import render_lines
from hctap_core.notes import sha256_of
from hctap_core.phi import PhiKind
from hctap_core.runs import Part
from hctap_etl.outlines import Outline
from hctap_etl.rendering import ShardWriter
from hctap_nlp.extraction import Extraction, Usage
from hctap_nlp.extractors import Extractor
from hctap_stores.database.rows import (
    Block,
    LedgerEntry,
    LedgerNote,
    NoteResult,
    Rows,
    encode_measures,
    join_rows,
    render_rows,
)
from hctap_stores.lake.keys import part_key, surrogate_key

# What is found in some notes is written together: after the engine's work, a processor is slow to write a single one.
# For 16 notes at a time writing takes three quarters of its CPU, for 48 two thirds, for 192 as much as for 48.
TOGETHER: Final = 48
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Task:
    """Notes of a run that are worked on together; `begun_ns` is when, by `time.monotonic_ns`.

    The findings of a task that `is_outlined` come with outlines for silver.
    """

    run_id: str
    run_no: int
    shard: int
    notes: tuple[LedgerNote, ...]
    begun_ns: int
    is_outlined: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in the notes of a task: the lines of the lake and the rows of the database, rendered.

    `surrogates` are the objects of texts that were read in place of the notes', with their keys.
    """

    lines: Block
    count: int
    rows: Rows
    surrogates: tuple[tuple[str, bytes], ...] = ()
    outlines: tuple[Outline, ...] = ()


@dataclass(frozen=True, slots=True)
class Worked:
    """Findings whose lines and rows are in pieces, note by note: together they would be there twice for a while."""

    findings: Findings
    lines: Sequence[Block]
    tables: Sequence[Sequence[Block]]

    def join(self) -> Findings:
        """The findings with their lines and rows."""
        rows = replace(self.findings.rows, tables=tuple(b"".join(pieces) for pieces in self.tables))
        return replace(self.findings, lines=b"".join(self.lines), rows=rows)


def work_on(extractor: Extractor, task: Task) -> Findings:
    """What the extractor finds in the notes of a task; an error at a note is the note's, and the others go on.

    Raises:
        ExtractorUnavailable: If the extractor is gone.
    """
    return work_apart(extractor, task).join()


def work_apart(extractor: Extractor, task: Task) -> Worked:
    """What `work_on` gives, in pieces.

    Raises:
        ExtractorUnavailable: If the extractor is gone.
    """
    writer = ShardWriter(task.run_id, task.run_no, is_outlined=task.is_outlined)
    worked = []
    for begin in range(0, len(task.notes), TOGETHER):
        notes = task.notes[begin : begin + TOGETHER]
        read = [read_note(extractor, note, task.run_id) for note in notes]
        worked += [_write(note, *found, task.run_id, writer) for note, found in zip(notes, read, strict=True)]
    surrogates = [surrogate for _, surrogate in worked if surrogate is not None]
    texts = {surrogate["content_sha256"]: surrogate["text"] for surrogate in surrogates}
    ledger = tuple(entry for entry, _ in worked)
    rows = Rows(ledger, (), writer.terms, writer.provenances, texts, writer.code_lists)
    findings = Findings(b"", writer.count, rows, tuple(map(_surrogate_object, surrogates)), writer.outlines)
    return Worked(findings, writer.lines, writer.tables)


def give_up(task: Task, failure: str) -> Findings:
    """The findings of a task whose notes could not be worked on at all, for the reason that `failure` names."""
    return Findings(b"", 0, render_rows(task.run_no, [NoteResult(note, (), (), 0, failure) for note in task.notes]))


def join_findings(several: Iterable[Findings]) -> Findings:
    """The findings of several tasks of one shard as those of one, in the order given."""
    parts = list(several)
    return Findings(
        b"".join(part.lines for part in parts),
        sum(part.count for part in parts),
        join_rows(part.rows for part in parts),
        tuple(item for part in parts for item in part.surrogates),
        tuple(outline for part in parts for outline in part.outlines),
    )


def read_note(extractor: Extractor, note: LedgerNote, run_id: str) -> tuple[Extraction | Failure, int]:
    """What the extractor finds in a note, or why nothing, and the microseconds that it took.

    Raises:
        ExtractorUnavailable: If the extractor is gone.
        MemoryError: If there is no memory left, which is the shard's doing as much as the note's.
    """
    return _watch(lambda: extractor.extract(note.text), note, run_id)


def _write(
    note: LedgerNote, found: Extraction | Failure, duration_us: int, run_id: str, writer: ShardWriter
) -> tuple[LedgerEntry, dict[str, Any] | None]:
    """Write what was found in a note; gives its entry in the ledger and, if one was read, its surrogate."""
    if not isinstance(found, Failure):
        extraction = found
        count, more_us = _watch(lambda: writer.add(note, extraction), note, run_id)
        duration_us += more_us
        if not isinstance(count, Failure):
            surrogate = extraction.surrogate.to_record(sha256_of(note.text)) if extraction.surrogate else None
            entry = LedgerEntry(
                note.object_key,
                None,
                count,
                duration_us,
                surrogate_sha256=surrogate["content_sha256"] if surrogate else None,
                measures=encode_measures(_measures(extraction.phi, extraction.usage)),
            )
            return entry, surrogate
        found = replace(count, usage=extraction.usage)
    measures = encode_measures(_measures(found.phi, found.usage))
    return LedgerEntry(note.object_key, found.failure, 0, duration_us, found.reason, measures=measures), None


def _watch(work: Callable[[], Made], note: LedgerNote, run_id: str) -> tuple[Made | Failure, int]:
    begun = time.perf_counter_ns()
    made = do_safely(work, note_id=note.note_id, run_id=run_id)
    if isinstance(made, Failure) and made.failure == MemoryError.__name__:
        # Who works on it ends with that; the shard is tried again, and then by halves, which need less.
        raise MemoryError
    return made, (time.perf_counter_ns() - begun) // 1000


def _measures(phi: Mapping[PhiKind, int] | None, usage: Usage | None) -> dict[str, Any]:
    measures: dict[str, Any] = {}
    if phi:
        measures["phi"] = dict(phi)
    if usage is not None:
        measures["usage"] = asdict(usage)
    return measures


def describe_part(run_id: str, shard: int, findings: Findings) -> Part:
    """The object that holds a shard's entities: its key is made of its content."""
    return describe_lines(run_id, shard, findings.lines, findings.count)


def describe_lines(run_id: str, shard: int, lines: Block, count: int) -> Part:
    """The object that holds the lines of so many entities."""
    sha256 = hashlib.sha256(lines).hexdigest()
    return Part(key=part_key(run_id, shard, sha256), sha256=sha256, rows=count, bytes=len(lines))


def _surrogate_object(surrogate: Mapping[str, Any]) -> tuple[str, bytes]:
    return surrogate_key(surrogate["raw_sha256"], surrogate["content_sha256"]), render_lines([surrogate])
