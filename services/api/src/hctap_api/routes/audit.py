"""The audit: who read which note, when and from where."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from hctap_api import examples
from hctap_api.gate import Gate, needs
from hctap_api.routes.parameters import DEFAULT_PAGE, Limit, OptionalNoteId
from hctap_api.routes.responses import ANY_OTHER, INVALID, UNAVAILABLE, answer
from hctap_core.permissions import AuditPage, Permission
from hctap_stores.database.auditing import audit_page_json
from hctap_stores.database.pool import Pool

Before = Annotated[int | None, Query(description="`next_cursor` of the page before.", ge=1, le=2**62)]


def make_audit_router(pool: Pool, gate: Gate) -> APIRouter:
    """The route `/v1/audit`."""
    router = APIRouter(tags=["audit"], responses=INVALID | UNAVAILABLE | ANY_OTHER)

    @router.get(
        "/v1/audit",
        response_model=AuditPage,
        responses=answer("A page of the audit.", examples.AUDIT),
        dependencies=needs(gate, Permission.AUDIT_READ),
    )
    async def list_audit(
        cursor: Before = None, limit: Limit = DEFAULT_PAGE, note_id: OptionalNoteId = None
    ) -> Response:
        """List who read the text of notes, the newest first, all or of one note; rows are never changed."""
        return Response(await audit_page_json(pool, cursor, limit, note_id), media_type="application/json")

    return router
