"""How runs agree with gold: scores, intervals, confusions, calibration, and every difference."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator

from hctap_api import evaluation_examples
from hctap_api.gate import Gate, needs, principal_of
from hctap_api.routes.orders import NOBODY
from hctap_api.routes.parameters import DEFAULT_PAGE, Limit, check_plain
from hctap_api.routes.responses import ANY_OTHER, CONFLICT, GOLD_NOT_FOUND, INVALID, UNAVAILABLE, accepted, answer
from hctap_api.routes.runs import JSON, RunPath
from hctap_api.sessions import Sessions
from hctap_core.entities import EntityType
from hctap_core.golds import (
    ErrorKind,
    EvaluationAccepted,
    EvaluationErrorPage,
    EvaluationList,
    EvaluationOrder,
    EvaluationReport,
    GoldSetList,
)
from hctap_core.permissions import Permission
from hctap_stores.database import gold, orders, workers
from hctap_stores.database.connection import Database
from hctap_stores.database.evaluations import ErrorsAsked, errors_json, evaluation_json, evaluations_json
from hctap_stores.database.pool import Pool

BASE = "/v1/runs/{run_id}/evaluations"
GoldName = Annotated[
    str,
    Path(description="The name of the evaluation.", min_length=1, max_length=200, examples=["dev"]),
    AfterValidator(check_plain),
]
After = Annotated[int | None, Query(description="`next_cursor` of the page before.", ge=0, le=2**31 - 1)]


def make_evaluations_router(pool: Pool, sessions: Sessions, gate: Gate) -> APIRouter:
    """The routes `/v1/gold` and `/v1/runs/{run_id}/evaluations…`."""
    router = APIRouter(tags=["evaluation"], responses=INVALID | UNAVAILABLE | ANY_OTHER)
    _add_lists(router, pool, sessions, gate)
    _add_reports(router, pool, gate)
    _add_orders(router, sessions, gate)
    return router


def _add_lists(router: APIRouter, pool: Pool, sessions: Sessions, gate: Gate) -> None:
    allowed = needs(gate, Permission.RUNS_READ)

    @router.get(
        "/v1/gold",
        response_model=GoldSetList,
        responses=answer("The gold sets.", evaluation_examples.GOLD_SETS),
        dependencies=allowed,
    )
    async def list_gold_sets() -> Response:
        """List the gold sets that runs can be evaluated against, by name, the newest version first."""
        found = await sessions.do(gold.list_gold_sets)
        return Response(GoldSetList(sets=tuple(found)).model_dump_json(), media_type=JSON)

    @router.get(
        BASE,
        response_model=EvaluationList,
        responses=answer("The evaluations of the run.", evaluation_examples.EVALUATIONS) | GOLD_NOT_FOUND,
        dependencies=allowed,
    )
    async def list_evaluations(run_id: RunPath) -> Response:
        """List the evaluations of a run with their overall scores."""
        return Response(await evaluations_json(pool, run_id), media_type=JSON)


def _add_reports(router: APIRouter, pool: Pool, gate: Gate) -> None:
    allowed = needs(gate, Permission.RUNS_READ)

    @router.get(
        f"{BASE}/{{gold_name}}",
        response_model=EvaluationReport,
        responses=answer("The evaluation.", evaluation_examples.EVALUATION) | GOLD_NOT_FOUND,
        dependencies=allowed,
    )
    async def get_evaluation(run_id: RunPath, gold_name: GoldName) -> Response:
        """Show an evaluation: scores by type with 95 percent intervals, confusions, calibration, counts of errors."""
        return Response((await evaluation_json(pool, run_id, gold_name))[1], media_type=JSON)

    @router.get(
        f"{BASE}/{{gold_name}}/errors",
        response_model=EvaluationErrorPage,
        responses=answer("A page of differences.", evaluation_examples.ERRORS) | GOLD_NOT_FOUND,
        dependencies=allowed,
    )
    async def list_evaluation_errors(
        request: Request,
        run_id: RunPath,
        gold_name: GoldName,
        cursor: After = None,
        limit: Limit = DEFAULT_PAGE,
        kind: ErrorKind | None = None,
        entity_type: EntityType | None = None,
    ) -> Response:
        """List where run and gold differ, by note and place; with the words for those who may read notes."""
        may_read = principal_of(request).may(Permission.NOTES_READ)
        wanted = ErrorsAsked(
            gold_name, cursor, limit, kind and kind.value, entity_type and entity_type.value, has_text=may_read
        )
        rendered, notes = await errors_json(pool, run_id, wanted)
        if notes:
            await gate.record(request, "evaluation.errors", run_id=run_id, notes=notes)
        return Response(rendered, media_type=JSON)


def _add_orders(router: APIRouter, sessions: Sessions, gate: Gate) -> None:
    @router.post(
        BASE,
        status_code=202,
        response_model=EvaluationAccepted,
        responses=accepted("The evaluation waits for a worker.", evaluation_examples.ACCEPTED)
        | GOLD_NOT_FOUND
        | CONFLICT,
        dependencies=needs(gate, Permission.RUNS_CHANGE),
    )
    async def start_evaluation(request: Request, run_id: RunPath, order: EvaluationOrder) -> Response:
        """Evaluate a finished run against a gold set; the same evaluation is made once at a time."""

        def take(database: Database) -> EvaluationAccepted:
            stored, found = orders.order_evaluation(database, run_id, order.gold)
            count = len(workers.list_workers(database))
            remedy = None if count else NOBODY
            return EvaluationAccepted(run_id=stored.run.run_id, gold=found.reference, workers=count, remedy=remedy)

        taken = await sessions.do(take)
        await gate.record(request, "evaluation.start", run_id=run_id, notes=0)
        location = {"Location": f"/v1/runs/{run_id}/evaluations/{taken.gold}"}
        return Response(taken.model_dump_json(), 202, location, JSON)
