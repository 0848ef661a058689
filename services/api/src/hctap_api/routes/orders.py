"""Runs started, stopped, gone on with and tried again; who works on them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Header, Request, Response
from pydantic import AfterValidator

from hctap_api import order_examples
from hctap_api.gate import Gate, needs, principal_of
from hctap_api.routes.parameters import check_plain
from hctap_api.routes.responses import (
    ANY_OTHER,
    CONFLICT,
    EXTRACTOR_NOT_FOUND,
    INVALID,
    RUN_NOT_FOUND,
    UNAVAILABLE,
    accepted,
    answer,
)
from hctap_api.routes.runs import JSON, RunPath
from hctap_api.sessions import Sessions
from hctap_core.errors import UnknownExtractor
from hctap_core.orders import MAX_IDEMPOTENCY_KEY_CHARACTERS, RunAccepted, RunOrder, WorkerList
from hctap_core.permissions import Permission
from hctap_core.runs import RunStatus
from hctap_nlp.extractors import EXTRACTORS
from hctap_stores.database import orders, workers
from hctap_stores.database.connection import Database
from hctap_stores.database.idempotency import OnceKey
from hctap_stores.database.runs import StoredRun

NOBODY: Final = "Nobody is there to work on it: start a worker with `make up`, or `hctap-etl worker`."
_OTHERS: Final = "No worker of its pipeline is there: start one of the release and settings that began it."
ACCEPTED: Final = accepted("The run; follow it at its address.", order_examples.ACCEPTED)
IdempotencyKey = Annotated[
    str | None,
    Header(
        description="A key of your own: the same request under the same key is done once, within a week.",
        min_length=1,
        max_length=MAX_IDEMPOTENCY_KEY_CHARACTERS,
    ),
    AfterValidator(check_plain),
]


def make_orders_router(sessions: Sessions, gate: Gate) -> APIRouter:
    """The routes that change runs, and `/v1/workers`."""
    router = APIRouter(tags=["runs"], responses=UNAVAILABLE | ANY_OTHER)
    desk = _Desk(sessions, gate)
    _add_orders(router, desk)
    _add_changes(router, desk)

    @router.get(
        "/v1/workers",
        response_model=WorkerList,
        responses=answer("The workers.", order_examples.WORKERS),
        dependencies=needs(gate, Permission.RUNS_READ),
    )
    async def list_workers() -> Response:
        """List the workers that gave a sign lately, with what they can work on."""
        found = await sessions.do(workers.list_workers)
        return Response(WorkerList(workers=tuple(found)).model_dump_json(), media_type=JSON)

    return router


def once_key(request: Request, key: str | None, said: str) -> OnceKey | None:
    """What a request is remembered under, if it came with a key."""
    if key is None:
        return None
    return OnceKey(principal_of(request).actor, key, f"{request.method} {request.url.path}\n{said}")


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where orders are taken: in the database, in the audit, and then answered."""

    sessions: Sessions
    gate: Gate

    async def take(self, request: Request, action: str, change: Callable[[Database], StoredRun]) -> Response:
        """Do what is ordered, write that down, and say what the run is now and whether anybody can work on it."""
        stored, count = await self.sessions.do(lambda database: _with_workers(database, change(database)))
        run = stored.run
        await self.gate.record(request, action, run_id=run.run_id, notes=0)
        waits = run.status in {RunStatus.QUEUED, RunStatus.RUNNING} and not count
        remedy = (_OTHERS if run.pipeline_hash else NOBODY) if waits else None
        body = RunAccepted(run=run, workers=count, remedy=remedy).model_dump_json()
        return Response(body, 202, {"Location": f"/v1/runs/{run.run_id}"}, JSON)


def _add_orders(router: APIRouter, desk: _Desk) -> None:
    allowed = needs(desk.gate, Permission.RUNS_CHANGE)

    @router.post(
        "/v1/runs",
        status_code=202,
        response_model=RunAccepted,
        responses=ACCEPTED | INVALID | EXTRACTOR_NOT_FOUND | CONFLICT,
        dependencies=allowed,
    )
    async def start_run(request: Request, order: RunOrder, idempotency_key: IdempotencyKey = None) -> Response:
        """Start a run: it waits in the queue for a worker of the extractor, over all notes or those selected."""
        if order.extractor not in EXTRACTORS:
            known = f"Known extractors: {', '.join(EXTRACTORS)}."
            raise UnknownExtractor("There is no extractor of that name.", remedy=known)
        once = once_key(request, idempotency_key, order.model_dump_json())
        return await desk.take(request, "run.start", lambda database: orders.order_run(database, order, once)[0])

    @router.post(
        "/v1/runs/{run_id}/quarantine/retry",
        status_code=202,
        response_model=RunAccepted,
        responses=ACCEPTED | INVALID | RUN_NOT_FOUND | CONFLICT,
        dependencies=allowed,
    )
    async def retry_quarantine(request: Request, run_id: RunPath, idempotency_key: IdempotencyKey = None) -> Response:
        """Start an incremental run over the same notes, which extracts those in quarantine and what is new."""
        once = once_key(request, idempotency_key, json.dumps(run_id))
        return await desk.take(request, "run.retry", lambda database: orders.order_retry(database, run_id, once)[0])


def _add_changes(router: APIRouter, desk: _Desk) -> None:
    responses = ACCEPTED | INVALID | RUN_NOT_FOUND | CONFLICT
    allowed = needs(desk.gate, Permission.RUNS_CHANGE)

    @router.post(
        "/v1/runs/{run_id}/cancel",
        status_code=202,
        response_model=RunAccepted,
        responses=responses,
        dependencies=allowed,
    )
    async def cancel_run(request: Request, run_id: RunPath) -> Response:
        """Cancel a run that is queued or running; what is in hand is not taken any more."""
        return await desk.take(request, "run.cancel", partial(_cancel, run_id=run_id))

    @router.post(
        "/v1/runs/{run_id}/resume",
        status_code=202,
        response_model=RunAccepted,
        responses=responses,
        dependencies=allowed,
    )
    async def resume_run(request: Request, run_id: RunPath) -> Response:
        """Go on with a run that was cancelled, failed or forsaken; what is done is not done again."""
        return await desk.take(request, "run.resume", partial(_resume, run_id=run_id))


def _cancel(database: Database, run_id: str) -> StoredRun:
    return orders.cancel_order(database, run_id)


def _resume(database: Database, run_id: str) -> StoredRun:
    return orders.resume_run(database, run_id)


def _with_workers(database: Database, stored: StoredRun) -> tuple[StoredRun, int]:
    return stored, workers.count_workers(database, stored.run_no)
