"""A shard of a run: its notes through the extractor, its entities as the bytes of a part."""

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from hctap_cli.lines import render_lines
from hctap_core.errors import ExtractorUnavailable, InvalidSpan
from hctap_core.runs import Part
from hctap_nlp.extractors import Extractor
from hctap_stores.database.results import LedgerNote, NoteResult
from hctap_stores.lake.keys import part_key

log = logging.getLogger(__name__)


def extract_note(extractor: Extractor, note: LedgerNote, run_id: str) -> NoteResult:
    """What the extractor finds in a note; an error of it is the note's, and the run goes on."""
    begun = time.perf_counter_ns()
    try:
        extraction = extractor.extract(note.text)
        entities = extraction.entity_records(note.note_id, run_id)
        sections = extraction.section_records()
        _check_spans(note.text, entities)
    except ExtractorUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - one note that breaks the extractor must not stop the others
        failure = type(error).__name__
        log.error("note_failed", extra={"run_id": run_id, "note_id": note.note_id, "error": failure})  # noqa: TRY400 - a traceback's message may quote the note
        return NoteResult(note, (), (), _microseconds_since(begun), failure)
    return NoteResult(note, entities, sections, _microseconds_since(begun))


def render_part(run_id: str, shard: int, results: Sequence[NoteResult]) -> tuple[Part, bytes]:
    """The object that holds a shard's entities, and its description."""
    data = render_lines(entity for result in results for entity in result.entities)
    sha256 = hashlib.sha256(data).hexdigest()
    rows = sum(len(result.entities) for result in results)
    return Part(key=part_key(run_id, shard, sha256), sha256=sha256, rows=rows, bytes=len(data)), data


def _check_spans(text: str, entities: Sequence[Mapping[str, Any]]) -> None:
    for entity in entities:
        if text[entity["begin"] : entity["end"]] != entity["text"]:
            raise InvalidSpan


def _microseconds_since(begun: int) -> int:
    return (time.perf_counter_ns() - begun) // 1000
