"""Notes that are found by the words of their texts."""

from typing import Final

from fastapi import APIRouter, Request

from hctap_api.examples import NOTE_ID
from hctap_api.gate import Gate, needs
from hctap_api.routes.responses import ANY_OTHER, INVALID, RUN_NOT_FOUND, UNAVAILABLE, answer
from hctap_core.note_searches import ExcerptPart, NoteFound, NoteSearch, NotesFound
from hctap_core.permissions import Permission
from hctap_stores.database.pool import Pool
from hctap_stores.database.search.notes import search_notes

_WORDS: Final = (("HISTORY: No ", False), ("chest", True), (" ", False), ("pain", True), (". On aspirin.", False))
_PAGE: Final = NotesFound(
    notes=(
        NoteFound(
            note_id=NOTE_ID,
            specialty="Cardiology",
            characters=47,
            excerpt=tuple(ExcerptPart(text=text, found=found) for text, found in _WORDS),
        ),
    )
).model_dump(mode="json")


def make_note_searches_router(pool: Pool, gate: Gate) -> APIRouter:
    """The route `/v1/notes/search`."""
    router = APIRouter(
        tags=["notes"],
        responses=INVALID | RUN_NOT_FOUND | UNAVAILABLE | ANY_OTHER,
        dependencies=needs(gate, Permission.NOTES_READ),
    )

    @router.post("/v1/notes/search", responses=answer("The notes that were found.", _PAGE))
    async def find_notes(context: Request, asked: NoteSearch) -> NotesFound:
        """Find notes by words that stand in their texts, with the places where they do, a page at a time.

        Each note is searched in the text that it is shown in. Texts that came just now may not be found yet.
        """
        found = await search_notes(pool, asked)
        await gate.record(context, "notes.search", run_id=asked.run_id, notes=len(found.notes))
        return found

    return router
