"""How far a run has come, as one answer or as server-sent events; and what a finished run left."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Response
from fastapi.responses import StreamingResponse

from hctap_api import order_examples
from hctap_api.gate import Gate, needs
from hctap_api.routes.responses import ANY_OTHER, CONFLICT, INVALID, RUN_NOT_FOUND, UNAVAILABLE, answer
from hctap_api.routes.runs import JSON, RunPath
from hctap_core.errors import EngineBusy, PlatformError, RunConflict
from hctap_core.orders import RunProgress
from hctap_core.permissions import Permission
from hctap_core.runs import Manifest
from hctap_stores.database.ledger import run_json
from hctap_stores.database.pool import Pool
from hctap_stores.database.progress import progress_json
from hctap_stores.lake.keys import manifest_key
from hctap_stores.lake.lake import Lake

EVENTS: Final = "text/event-stream"
MOST_FOLLOWERS: Final = 50
LOOK_UP_SECONDS: Final = 1.0
# Proxies close what is silent for half a minute.
_SIGN_OF_LIFE_SECONDS: Final = 15.0
# Whoever still follows then asks anew, as browsers do by themselves.
_LONGEST_SECONDS: Final = 3600.0


def make_progress_router(pool: Pool, lake: Lake, gate: Gate) -> APIRouter:
    """The routes `/v1/runs/{run_id}/progress` and `/v1/runs/{run_id}/manifest`."""
    router = APIRouter(
        tags=["runs"],
        responses=INVALID | RUN_NOT_FOUND | UNAVAILABLE | ANY_OTHER,
        dependencies=needs(gate, Permission.RUNS_READ),
    )
    followers = asyncio.Semaphore(MOST_FOLLOWERS)
    progress_answer: dict[int | str, dict[str, Any]] = answer("How far it has come.", order_examples.PROGRESS)
    progress_answer[200]["content"][EVENTS] = {"schema": {"type": "string"}}

    @router.get("/v1/runs/{run_id}/progress", response_model=RunProgress, responses=progress_answer)
    async def get_progress(run_id: RunPath, accept: Annotated[str, Header(include_in_schema=False)] = "") -> Response:
        """Show how far a run has come; with `Accept: text/event-stream` whenever that changes, until it is over.

        Each event is called `progress`, the last one `end`; both hold the same JSON as the plain answer.
        """
        rendered = await progress_json(pool, run_id)
        if accept.split(",")[0].split(";")[0].strip().lower() != EVENTS:
            return Response(rendered, media_type=JSON)
        if followers.locked():
            raise EngineBusy("Too many follow runs already.", remedy="Try again in a moment, or ask without events.")
        events = _follow(pool, run_id, rendered, followers)
        return StreamingResponse(events, media_type=EVENTS, headers={"X-Accel-Buffering": "no"})

    @router.get(
        "/v1/runs/{run_id}/manifest",
        response_model=Manifest,
        responses=answer("The manifest.", order_examples.MANIFEST) | CONFLICT,
    )
    async def get_manifest(run_id: RunPath) -> Response:
        """Show the manifest that a finished run left in the lake: its parts and products with their hashes."""
        found = await asyncio.to_thread(lake.enriched.read, manifest_key(run_id))
        if found is None:
            await run_json(pool, run_id)
            raise RunConflict(f"The run {run_id} has no manifest yet.", remedy="Wait until it is finished.")
        return Response(found.data, media_type=JSON)

    return router


async def _follow(pool: Pool, run_id: str, rendered: str, places: asyncio.Semaphore) -> AsyncIterator[bytes]:
    begun = said_at = time.monotonic()
    said = ""
    async with places:
        while time.monotonic() - begun < _LONGEST_SECONDS:
            is_over = RunProgress.model_validate_json(rendered).is_over
            if rendered != said or is_over:
                yield _event("end" if is_over else "progress", rendered)
                said, said_at = rendered, time.monotonic()
            elif time.monotonic() - said_at > _SIGN_OF_LIFE_SECONDS:
                yield b": still there\n\n"
                said_at = time.monotonic()
            if is_over:
                return
            await asyncio.sleep(LOOK_UP_SECONDS)
            try:
                rendered = await progress_json(pool, run_id)
            except PlatformError:
                # The database is away, or the run is gone: who follows asks anew and is told.
                return


def _event(name: str, data: str) -> bytes:
    return f"event: {name}\ndata: {data}\n\n".encode()
