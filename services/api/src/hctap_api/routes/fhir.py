"""A note with what a run found in it as FHIR."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from hctap_api.gate import Gate, needs
from hctap_api.routes.parameters import NoteId, RunId
from hctap_api.routes.responses import ANY_OTHER, INVALID, NOTE_NOT_FOUND, UNAVAILABLE, Responses, answer
from hctap_api.sessions import Sessions
from hctap_core.errors import NoteNotFound
from hctap_core.fhir.bundle import bundle_of, render_bundle
from hctap_core.permissions import Permission
from hctap_stores.database.connection import Database
from hctap_stores.database.documents import read_documents
from hctap_stores.database.runs import find_run

FHIR_MEDIA_TYPE: Final = "application/fhir+json"
_EXAMPLE: Final = {
    "resourceType": "Bundle",
    "id": "9f2c3a36-6c6f-5d0b-8f0e-1d8f8f5b6f2a",
    "type": "collection",
    "timestamp": "2026-11-21T09:30:00Z",
    "entry": [],
}
_SCHEMA: Final = {
    "type": "object",
    "required": ["resourceType", "id", "type", "entry"],
    "properties": {
        "resourceType": {"const": "Bundle"},
        "id": {"type": "string"},
        "type": {"const": "collection"},
        "timestamp": {"type": "string", "format": "date-time"},
        "entry": {"type": "array", "items": {"type": "object"}},
    },
}


def make_fhir_router(sessions: Sessions, gate: Gate) -> APIRouter:
    """The route that shows a note as FHIR."""
    router = APIRouter(
        tags=["notes"], responses=INVALID | UNAVAILABLE | ANY_OTHER, dependencies=needs(gate, Permission.NOTES_READ)
    )

    @router.get("/v1/notes/{note_id}/fhir", response_class=Response, responses=_bundle_answer() | NOTE_NOT_FOUND)
    async def get_note_as_fhir(request: Request, note_id: NoteId, run_id: RunId = None) -> Response:
        """Show a note with what a run found in it as a FHIR R4 Bundle, byte for byte that of the run's export."""

        def read(database: Database) -> tuple[str, bytes] | None:
            stored = find_run(database, run_id or "latest")
            for document in read_documents(database, stored.run_no, stored.run.run_id, [note_id]):
                return stored.run.run_id, render_bundle(bundle_of(document, stored.run)[0])
            return None

        found = await sessions.do(read)
        if found is None:
            raise NoteNotFound("The run has not read this note.", remedy="GET /v1/runs/{run_id}/notes lists its notes.")
        await gate.record(request, "note.fhir", note_id=note_id, run_id=found[0])
        return Response(found[1], media_type=FHIR_MEDIA_TYPE)

    return router


def _bundle_answer() -> Responses:
    made: dict[int | str, dict[str, Any]] = answer("The Bundle; docs/exports.md says what it holds.", _EXAMPLE)
    made[200] |= {"content": {FHIR_MEDIA_TYPE: {"schema": _SCHEMA, "example": _EXAMPLE}}}
    return made
