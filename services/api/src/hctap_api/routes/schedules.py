"""Schedules: runs that are ordered again and again."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from hctap_api import order_examples
from hctap_api.gate import Gate, needs, principal_of
from hctap_api.routes.responses import (
    ANY_OTHER,
    EXTRACTOR_NOT_FOUND,
    INVALID,
    SCHEDULE_NOT_FOUND,
    UNAVAILABLE,
    answer,
)
from hctap_api.routes.runs import JSON
from hctap_api.sessions import Sessions
from hctap_core.errors import UnknownExtractor
from hctap_core.permissions import Permission
from hctap_core.schedules import NAME_PATTERN, Schedule, ScheduleList, ScheduleOrder
from hctap_nlp.extractors import EXTRACTORS
from hctap_stores.database import schedules

ScheduleName = Annotated[str, Path(description="The schedule's name.", pattern=NAME_PATTERN, examples=["nightly"])]


def make_schedules_router(sessions: Sessions, gate: Gate) -> APIRouter:
    """The routes under `/v1/schedules`."""
    router = APIRouter(tags=["runs"], responses=UNAVAILABLE | ANY_OTHER)
    allowed = needs(gate, Permission.RUNS_CHANGE)
    one = answer("The schedule.", order_examples.SCHEDULE)

    @router.get(
        "/v1/schedules",
        response_model=ScheduleList,
        responses=answer("The schedules.", order_examples.SCHEDULES),
        dependencies=needs(gate, Permission.RUNS_READ),
    )
    async def list_schedules() -> Response:
        """List the schedules, with when each is due and what it ordered last."""
        found = await sessions.do(schedules.list_schedules)
        return Response(ScheduleList(schedules=tuple(found)).model_dump_json(), media_type=JSON)

    @router.put(
        "/v1/schedules/{name}",
        response_model=Schedule,
        responses=one | INVALID | EXTRACTOR_NOT_FOUND,
        dependencies=allowed,
    )
    async def put_schedule(request: Request, name: ScheduleName, wanted: ScheduleOrder) -> Response:
        """Keep a schedule under a name: whenever it is due, a worker that is there orders its run."""
        if wanted.order.extractor not in EXTRACTORS:
            known = f"Known extractors: {', '.join(EXTRACTORS)}."
            raise UnknownExtractor("There is no extractor of that name.", remedy=known)
        by = principal_of(request).actor
        kept = await sessions.do(lambda database: schedules.put_schedule(database, name, wanted, by))
        await gate.record(request, "schedule.put", notes=0)
        return Response(kept.model_dump_json(), media_type=JSON)

    @router.delete(
        "/v1/schedules/{name}",
        response_model=Schedule,
        responses=one | INVALID | SCHEDULE_NOT_FOUND,
        dependencies=allowed,
    )
    async def remove_schedule(request: Request, name: ScheduleName) -> Response:
        """Take a schedule away; runs that it ordered stay."""
        gone = await sessions.do(lambda database: schedules.remove_schedule(database, name))
        await gate.record(request, "schedule.remove", notes=0)
        return Response(gone.model_dump_json(), media_type=JSON)

    return router
