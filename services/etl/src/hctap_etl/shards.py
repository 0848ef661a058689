"""A shard of a run: its notes through the extractor, its entities as the bytes of a part."""

import hashlib
import time
from collections.abc import Sequence

from hctap_cli.guarding import extract_safely
from hctap_cli.lines import render_lines
from hctap_core.runs import Part
from hctap_nlp.extractors import Extractor
from hctap_stores.database.results import LedgerNote, NoteResult
from hctap_stores.lake.keys import part_key


def extract_note(extractor: Extractor, note: LedgerNote, run_id: str) -> NoteResult:
    """What the extractor finds in a note; an error of it is the note's, and the run goes on."""
    begun = time.perf_counter_ns()
    found = extract_safely(extractor, note.text, note.note_id, run_id)
    return NoteResult(note, found.entities, found.sections, _microseconds_since(begun), found.failure)


def render_part(run_id: str, shard: int, results: Sequence[NoteResult]) -> tuple[Part, bytes]:
    """The object that holds a shard's entities, and its description."""
    data = render_lines(entity for result in results for entity in result.entities)
    sha256 = hashlib.sha256(data).hexdigest()
    rows = sum(len(result.entities) for result in results)
    return Part(key=part_key(run_id, shard, sha256), sha256=sha256, rows=rows, bytes=len(data)), data


def _microseconds_since(begun: int) -> int:
    return (time.perf_counter_ns() - begun) // 1000
