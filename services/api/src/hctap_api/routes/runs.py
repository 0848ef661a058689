"""The runs: so far the one that finished last."""

from fastapi import APIRouter, Response

from hctap_api import examples
from hctap_api.routes.responses import ANY_OTHER, RUN_NOT_FOUND, UNAVAILABLE, answer
from hctap_core.errors import RunNotFound
from hctap_core.runs import Run
from hctap_stores.database.pool import Pool
from hctap_stores.database.reading import latest_run_json

RUN_ANSWER = answer("The run with its counts, timings and evaluation.", examples.RUN)


def make_runs_router(pool: Pool) -> APIRouter:
    """The routes `/v1/runs/latest` and `/runs/latest`."""
    router = APIRouter(tags=["runs"], responses=UNAVAILABLE | ANY_OTHER)

    async def get_latest_run() -> Response:
        """Show the run that finished last."""
        rendered = await latest_run_json(pool)
        if rendered is None:
            raise RunNotFound("No run has finished yet.", remedy="Run `make etl`, or `hctap-etl run`.")
        return Response(rendered, media_type="application/json")

    for path, name in (
        ("/v1/runs/latest", "get_latest_run"),
        ("/runs/latest", "get_latest_run_by_short_address"),
    ):
        router.add_api_route(
            path, get_latest_run, response_model=Run, responses=RUN_ANSWER | RUN_NOT_FOUND, operation_id=name
        )
    return router
