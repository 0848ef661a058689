"""The notes: a list of ids, and one note with what a run found in it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from hctap_api import examples
from hctap_api.gate import Gate, needs
from hctap_api.routes.direct import DirectRoute
from hctap_api.routes.parameters import NoteId, RunId
from hctap_api.routes.responses import ANY_OTHER, INVALID, NOTE_NOT_FOUND, RUN_NOT_FOUND, UNAVAILABLE, answer
from hctap_core.answers import NoteDocument, NotePage
from hctap_core.errors import NoteNotFound
from hctap_core.note_lists import NotesAsked
from hctap_core.notes import is_valid_note_id
from hctap_core.permissions import Permission
from hctap_stores.database.note_documents import NoteReader
from hctap_stores.database.notes import notes_page_json
from hctap_stores.database.pool import Pool

NOTES_ANSWER = answer("A page of notes.", examples.PAGE)
NOTE_ANSWER = answer("The note, its entities and its sections.", examples.NOTE)


def make_direct_note(reader: NoteReader, gate: Gate) -> DirectRoute:
    """The route of a note for those who ask for no run; the one below says what it is and answers the others."""

    async def show(request: Request) -> Response:
        return await _show(reader, gate, request, request.path_params["note_id"], None)

    return DirectRoute(
        "/v1/notes/{note_id}",
        admit=gate.requires(Permission.NOTES_READ),
        is_plain=lambda given: is_valid_note_id(given["note_id"]),
        answer=show,
    )


def make_notes_router(pool: Pool, reader: NoteReader, gate: Gate) -> APIRouter:
    """The routes under `/v1/notes`."""
    router = APIRouter(
        tags=["notes"],
        responses=INVALID | UNAVAILABLE | ANY_OTHER,
        dependencies=needs(gate, Permission.NOTES_READ),
    )

    @router.get(
        "/v1/notes", response_model=NotePage, responses=answer("A page of notes.", examples.PAGE) | RUN_NOT_FOUND
    )
    async def list_notes(asked: Annotated[NotesAsked, Query()]) -> Response:
        """List the notes by their ids, all or those asked for; a page stays right while notes are added."""
        return Response(await notes_page_json(pool, asked), media_type="application/json")

    @router.get("/v1/notes/{note_id}", response_model=NoteDocument, responses=NOTE_ANSWER | NOTE_NOT_FOUND)
    async def get_note(request: Request, note_id: NoteId, run_id: RunId = None) -> Response:
        """Show a note in the version that the run read, with the entities that it found in text order."""
        return await _show(reader, gate, request, note_id, run_id)

    return router


async def _show(reader: NoteReader, gate: Gate, request: Request, note_id: str, run_id: str | None) -> Response:
    access = gate.access(request, "note.read", note_id=note_id, run_id=run_id)
    rendered = await reader.read(note_id, run_id, access)
    if rendered is None:
        raise NoteNotFound(f"There is no note {note_id!r}.", remedy="GET /v1/notes lists the ids.")
    return Response(rendered, media_type="application/json")
