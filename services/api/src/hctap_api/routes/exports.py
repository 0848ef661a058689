"""Exports: ordered, listed, fetched."""

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool

from hctap_api import export_examples
from hctap_api.gate import Gate, needs, principal_of
from hctap_api.routes.orders import NOBODY
from hctap_api.routes.responses import (
    ANY_OTHER,
    CONFLICT,
    EXPORT_NOT_FOUND,
    INVALID,
    RUN_NOT_FOUND,
    UNAVAILABLE,
    accepted,
    answer,
)
from hctap_api.routes.runs import JSON
from hctap_api.sessions import Sessions
from hctap_core.errors import ExportNotFound, RunConflict
from hctap_core.exports import Export, ExportAccepted, ExportList, ExportOrder, ExportState
from hctap_core.permissions import Permission
from hctap_stores.database import exports, workers
from hctap_stores.database.connection import Database
from hctap_stores.lake.keys import export_key
from hctap_stores.lake.lake import Lake

ExportPath = Annotated[int, Path(description="The number of the export.", ge=1, le=2**31 - 1)]
FileName = Annotated[str, Path(description="A file of the export.", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
_BINARY = "application/octet-stream"


def make_exports_router(sessions: Sessions, lake: Lake, gate: Gate) -> APIRouter:
    """The routes under `/v1/exports`."""
    router = APIRouter(
        tags=["exports"],
        responses=INVALID | UNAVAILABLE | ANY_OTHER,
        dependencies=needs(gate, Permission.ENTITIES_EXPORT),
    )
    _add_orders(router, sessions, gate)
    _add_reading(router, sessions)
    _add_files(router, sessions, lake, gate)
    return router


def _add_orders(router: APIRouter, sessions: Sessions, gate: Gate) -> None:
    async def answer_taken(request: Request, taken: ExportAccepted) -> Response:
        await gate.record(request, "export.start", run_id=taken.export.run_id, notes=0)
        location = {"Location": f"/v1/exports/{taken.export.export_no}"}
        return Response(taken.model_dump_json(), 202, location, JSON)

    @router.post(
        "/v1/exports",
        status_code=202,
        response_model=ExportAccepted,
        responses=accepted("The export waits for a worker.", export_examples.ACCEPTED) | RUN_NOT_FOUND | CONFLICT,
    )
    async def start_export(request: Request, order: ExportOrder) -> Response:
        """Export a finished run in a form of others; a worker writes the files under `exports/` of the lake."""
        by = principal_of(request).actor

        def take(database: Database) -> ExportAccepted:
            return _accepted(database, exports.order_export(database, order, by))

        return await answer_taken(request, await sessions.do(take))

    @router.post(
        "/v1/exports/{export_no}/retry",
        status_code=202,
        response_model=ExportAccepted,
        responses=accepted("The export waits for a worker.", export_examples.ACCEPTED) | EXPORT_NOT_FOUND | CONFLICT,
    )
    async def retry_export(request: Request, export_no: ExportPath) -> Response:
        """Try a failed export again."""

        def take(database: Database) -> ExportAccepted:
            return _accepted(database, exports.retry_export(database, export_no))

        return await answer_taken(request, await sessions.do(take))


def _accepted(database: Database, made: Export) -> ExportAccepted:
    count = len(workers.list_workers(database))
    return ExportAccepted(export=made, workers=count, remedy=None if count else NOBODY)


def _add_reading(router: APIRouter, sessions: Sessions) -> None:
    @router.get("/v1/exports", response_model=ExportList, responses=answer("The exports.", export_examples.EXPORTS))
    async def list_exports() -> Response:
        """List the newest exports, the newest first, with their files."""
        found = await sessions.do(exports.list_exports)
        return Response(ExportList(exports=tuple(found)).model_dump_json(), media_type=JSON)

    @router.get(
        "/v1/exports/{export_no}",
        response_model=Export,
        responses=answer("The export.", export_examples.EXPORT) | EXPORT_NOT_FOUND,
    )
    async def get_export(export_no: ExportPath) -> Response:
        """Show an export: how far it has come, and its files."""
        found = await sessions.do(lambda database: exports.find_export(database, export_no))
        return Response(found.model_dump_json(), media_type=JSON)


def _add_files(router: APIRouter, sessions: Sessions, lake: Lake, gate: Gate) -> None:
    file_answer: dict[int | str, dict[str, Any]] = {
        200: {"description": "The file.", "content": {_BINARY: {"schema": {"type": "string", "format": "binary"}}}}
    }

    @router.get(
        "/v1/exports/{export_no}/files/{name}",
        response_class=StreamingResponse,
        responses=file_answer | EXPORT_NOT_FOUND | CONFLICT,
    )
    async def get_export_file(request: Request, export_no: ExportPath, name: FileName) -> Response:
        """Fetch a file of a completed export."""
        found = await sessions.do(lambda database: exports.find_export(database, export_no))
        if found.state is not ExportState.COMPLETED:
            raise RunConflict(f"The export is {found.state.value}.", remedy="Wait until it is completed.")
        file = next((one for one in found.files if one.name == name), None)
        key = export_key(export_no, found.run_id, found.form.value, name)
        blocks: Iterator[bytes] | None = await asyncio.to_thread(lake.enriched.read_blocks, key) if file else None
        if file is None or blocks is None:
            raise ExportNotFound("The export has no such file.", remedy="GET /v1/exports/{export_no} lists them.")
        await gate.record(request, "export.read", run_id=found.run_id, notes=found.notes or 0)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(file.bytes)}
        return StreamingResponse(iterate_in_threadpool(blocks), media_type=_BINARY, headers=headers)
