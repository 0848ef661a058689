"""Made-up findings for tests of the stores: the engine is tested elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from hctap_core.notes import Note, note_from_record
from hctap_stores.database.catalogue import CataloguedObject
from hctap_stores.database.rows import LedgerNote, NoteResult
from hctap_stores.lake.keys import note_key

ALL_FALSE = {"negated": False, "uncertain": False, "historical": False, "hypothetical": False, "family": False}


def make_note(note_id: str, text: str, **more: Any) -> Note:
    return note_from_record({"note_id": note_id, "specialty": "Cardiology", "text": text} | more)


def catalogued(note: Note, key: str | None = None, **more: Any) -> CataloguedObject:
    """An object of the lake that holds a note, under the note's own key unless another is given."""
    own = note_key(note.note_id)
    return CataloguedObject(key or own, "etag", len(note.to_json()), key in (None, own), note, **more)


def entity_of(note: LedgerNote, run_id: str, begin: int, end: int, **more: Any) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "note_id": note.note_id,
        "run_id": run_id,
        "entity_type": "PROBLEM",
        "text": note.text[begin:end],
        "norm_text": note.text[begin:end].lower(),
        "begin": begin,
        "end": end,
        "score": 1.0,
        "section": "plan",
        "assertion": ALL_FALSE | {"negated": True},
        "codes": [],
        "attributes": [],
        "provenance": {"extractor": "rules", "version": "1", "method": "rule", "source": "t", "cues": []},
    } | more


def found_in(note: LedgerNote, entities: Sequence[Mapping[str, Any]], failure: str | None = None) -> NoteResult:
    sections = [{"begin": 0, "end": len(note.text), "header": "PLAN:", "type": "plan"}]
    return NoteResult(note, entities, [] if failure else sections, 1500, failure)
