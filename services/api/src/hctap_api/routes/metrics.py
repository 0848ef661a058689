"""What Prometheus asks for."""

from typing import Final

from fastapi import APIRouter, Response

from hctap_api.engine.workers import Workers
from hctap_api.gate import Gate, needs
from hctap_api.metrics import MEDIA_TYPE, Metrics
from hctap_api.routes.responses import ANY_OTHER, Responses
from hctap_core.errors import MigrationNeeded, StoreUnavailable
from hctap_core.permissions import Permission
from hctap_stores.database.gauges import Gauges, read_gauges
from hctap_stores.database.pool import Pool

_Now = dict[str, tuple[str, float]]
_ANSWER: Final[Responses] = {
    200: {
        "description": "The metrics.",
        "content": {"text/plain": {"schema": {"type": "string"}, "example": "hctap_database_up 1.0\n"}},
    }
}


def make_metrics_router(pool: Pool, workers: Workers, metrics: Metrics, gate: Gate) -> APIRouter:
    """The route `/metrics`."""
    router = APIRouter(tags=["health"], responses=ANY_OTHER)

    @router.get(
        "/metrics",
        response_class=Response,
        responses=_ANSWER,
        dependencies=needs(gate, Permission.METRICS_READ),
    )
    async def get_metrics() -> Response:
        """Show requests, latencies, pool, cache, engine, queue, freshness and size, in the format of Prometheus."""
        now: _Now = {
            "hctap_engine_waiting": ("Texts that wait for the engine.", workers.waiting),
            **{
                f"hctap_database_pool_{name}": (f"The pool of connections: {name.replace('_', ' ')}.", value)
                for name, value in pool.sizes().items()
            },
        }
        try:
            now |= _describe(await read_gauges(pool))
        except (StoreUnavailable, MigrationNeeded):
            # That it is away is what one looks here for.
            now["hctap_database_up"] = ("Whether the database answers.", 0)
        return Response(metrics.render(now), media_type=MEDIA_TYPE)

    return router


def _describe(gauges: Gauges) -> _Now:
    now: _Now = {
        "hctap_database_up": ("Whether the database answers.", 1),
        "hctap_notes": ("Notes of the newest finished run.", gauges.notes),
        "hctap_entities": ("Entities of the newest finished run.", gauges.entities),
        "hctap_quarantined_notes": ("Notes that the newest finished run refused.", gauges.quarantined),
        "hctap_queue_waiting": ("Jobs that wait.", gauges.jobs_waiting),
        "hctap_queue_running": ("Jobs that are worked on.", gauges.jobs_running),
        "hctap_runs_under_way": ("Runs that are queued or running.", gauges.runs_under_way),
    }
    if gauges.oldest_job_seconds is not None:
        now["hctap_queue_oldest_seconds"] = ("How long the oldest job has waited.", gauges.oldest_job_seconds)
    if gauges.run_age_seconds is not None:
        now["hctap_run_age_seconds"] = ("Since the newest run finished.", gauges.run_age_seconds)
    return now
