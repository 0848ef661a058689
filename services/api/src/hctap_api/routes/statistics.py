"""Many notes and many runs at once: counts, common terms, pairs, trends, freshness, a patient's notes by time."""

import json
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator

from hctap_api import statistics_examples
from hctap_api.gate import Gate, needs
from hctap_api.routes.parameters import check_plain
from hctap_api.routes.responses import ANY_OTHER, CONFLICT, INVALID, RUN_NOT_FOUND, UNAVAILABLE, answer
from hctap_api.routes.runs import JSON, RunPath
from hctap_api.sessions import Sessions
from hctap_core.entities import EntityType
from hctap_core.permissions import Permission
from hctap_core.statistics import (
    MOST_TERMS,
    Cooccurrence,
    Freshness,
    RunStatistics,
    Timeline,
    TimelineRequest,
    TopTerms,
    Trend,
)
from hctap_stores.database.panels import (
    ensure_statistics,
    freshness_json,
    statistic_json,
    timeline_json,
    trend_json,
)
from hctap_stores.database.pool import Pool

BASE = "/v1/runs/{run_id}/statistics"
Specialty = Annotated[
    str | None,
    Query(description="Only the notes of this specialty.", min_length=1, max_length=200),
    AfterValidator(check_plain),
]
Extractor = Annotated[
    str | None,
    Query(description="Only the runs of this extractor.", min_length=1, max_length=40),
    AfterValidator(check_plain),
]


def make_statistics_router(pool: Pool, sessions: Sessions, gate: Gate, freshness_minutes: float) -> APIRouter:
    """The routes of statistics."""
    router = APIRouter(
        tags=["statistics"],
        responses=INVALID | UNAVAILABLE | ANY_OTHER,
        dependencies=needs(gate, Permission.RUNS_READ),
    )
    _add_counts(router, pool, sessions)
    _add_overviews(router, pool, freshness_minutes)
    _add_timeline(router, pool, gate)
    return router


def _add_counts(router: APIRouter, pool: Pool, sessions: Sessions) -> None:
    missing = RUN_NOT_FOUND | CONFLICT

    async def counted(run_id: str, name: str, specialty: str | None = None) -> str | None:
        found = await statistic_json(pool, run_id, name, specialty)
        if found is None:
            # A run of an earlier release, or a specialty that it does not have.
            await sessions.do(lambda database: ensure_statistics(database, run_id))
            found = await statistic_json(pool, run_id, name, specialty)
        return found

    @router.get(
        BASE,
        response_model=RunStatistics,
        responses=answer("The counts.", statistics_examples.STATISTICS) | missing,
    )
    async def get_statistics(run_id: RunPath) -> Response:
        """Show the counts of a finished run: entities by type, assertion, specialty and section."""
        return _joined(run_id, await counted(run_id, "summary"))

    @router.get(
        f"{BASE}/terms",
        response_model=TopTerms,
        responses=answer("The terms.", statistics_examples.TERMS) | missing,
    )
    async def list_top_terms(
        run_id: RunPath,
        specialty: Specialty = None,
        entity_type: EntityType | None = None,
        limit: Annotated[int, Query(description="How many of each type at most.", ge=1, le=MOST_TERMS)] = 10,
    ) -> Response:
        """List the terms that most notes affirm, by type; of all notes, or of a specialty's."""
        found = json.loads(await counted(run_id, "terms", specialty) or "{}")
        wanted = [kind.value for kind in EntityType] if entity_type is None else [entity_type.value]
        terms = {kind: found[kind][:limit] for kind in wanted if kind in found}
        body = {"run_id": run_id, "specialty": specialty, "terms": terms}
        return Response(json.dumps(body, ensure_ascii=False), media_type=JSON)

    @router.get(
        f"{BASE}/pairs",
        response_model=Cooccurrence,
        responses=answer("The pairs.", statistics_examples.PAIRS) | missing,
    )
    async def list_pairs(run_id: RunPath) -> Response:
        """Count the notes that affirm both a common problem and a common medication."""
        return _joined(run_id, await counted(run_id, "pairs"))


def _add_overviews(router: APIRouter, pool: Pool, freshness_minutes: float) -> None:
    @router.get("/v1/trend", response_model=Trend, responses=answer("The runs.", statistics_examples.TREND))
    async def get_trend(
        extractor: Extractor = None,
        limit: Annotated[int, Query(description="How many runs at most.", ge=1, le=200)] = 30,
    ) -> Response:
        """Show the last finished runs over all notes side by side: volumes, speed, coverage, drift, scores."""
        return Response(await trend_json(pool, extractor, limit), media_type=JSON)

    @router.get("/v1/freshness", response_model=Freshness, responses=answer("How old.", statistics_examples.FRESHNESS))
    async def get_freshness() -> Response:
        """Show how old the newest success over all notes is, against `HCTAP_FRESHNESS_MINUTES`."""
        return Response(await freshness_json(pool, freshness_minutes), media_type=JSON)


def _add_timeline(router: APIRouter, pool: Pool, gate: Gate) -> None:
    @router.post(
        "/v1/patients/timeline",
        response_model=Timeline,
        responses=answer("The notes by time.", statistics_examples.TIMELINE) | RUN_NOT_FOUND,
        dependencies=needs(gate, Permission.NOTES_READ),
    )
    async def get_timeline(context: Request, request: TimelineRequest) -> Response:
        """Show a patient's notes by time with what a run found in them; no notes where it knows none."""
        rendered, notes, run_id = await timeline_json(pool, request)
        await gate.record(context, "patients.timeline", run_id=run_id, notes=notes)
        return Response(rendered, media_type=JSON)


def _joined(run_id: str, value: str | None) -> Response:
    return Response(json.dumps({"run_id": run_id} | json.loads(value or "{}"), ensure_ascii=False), media_type=JSON)
