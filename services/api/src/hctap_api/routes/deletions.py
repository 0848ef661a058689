"""Notes that are deleted: from the database at once, from the lake by a worker."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from hctap_api import deletion_examples
from hctap_api.gate import Gate, needs
from hctap_api.routes.orders import NOBODY
from hctap_api.routes.parameters import NoteId
from hctap_api.routes.responses import ANY_OTHER, CONFLICT, INVALID, NOTE_NOT_FOUND, UNAVAILABLE, taken
from hctap_api.routes.runs import JSON
from hctap_api.sessions import Sessions
from hctap_core.deletions import DeletionAccepted, DeletionReason, DeletionState
from hctap_core.permissions import Permission
from hctap_stores.database import workers
from hctap_stores.database.connection import Database
from hctap_stores.database.deletions import find_deletion
from hctap_stores.database.erasing import erase_note

ACCEPTED = taken("The note is gone from the database; the lake follows.", deletion_examples.ACCEPTED)
Why = Annotated[DeletionReason, Query(description="Why it is deleted; kept with the deletion and in the audit.")]


def make_deletions_router(sessions: Sessions, gate: Gate) -> APIRouter:
    """The route that deletes a note."""
    router = APIRouter(tags=["notes"], responses=INVALID | UNAVAILABLE | ANY_OTHER)

    @router.delete(
        "/v1/notes/{note_id}",
        status_code=202,
        response_model=DeletionAccepted,
        responses=ACCEPTED | NOTE_NOT_FOUND | CONFLICT,
        dependencies=needs(gate, Permission.NOTES_DELETE),
    )
    async def delete_note(request: Request, note_id: NoteId, reason: Why) -> Response:
        """Delete a note with all that was found in it; asked again, it says how far the lake is cleared of it."""
        access = gate.access(request, "note.delete", note_id=note_id, notes=0)

        def delete(database: Database) -> DeletionAccepted:
            erase_note(database, note_id, reason, access)
            found = find_deletion(database, note_id)
            count = len(workers.list_workers(database))
            waits = found.state is DeletionState.ERASING and not count
            return DeletionAccepted(deletion=found, workers=count, remedy=NOBODY if waits else None)

        return Response((await sessions.do(delete)).model_dump_json(), 202, media_type=JSON)

    return router
