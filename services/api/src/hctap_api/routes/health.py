"""Whether the API is alive, whether it can do its work, and which release it is."""

from collections.abc import Mapping
from http import HTTPStatus
from importlib.metadata import version

from fastapi import APIRouter, Request, Response

from hctap_api import examples
from hctap_api.errors import problem_response
from hctap_api.readiness import Dependency, check_readiness
from hctap_api.routes.responses import ANY_OTHER, NOT_READY, answer
from hctap_core.answers import Health, Readiness, Version
from hctap_core.entities import ENTITY_SCHEMA_VERSION
from hctap_core.notes import NOTE_SCHEMA_VERSION

DISTRIBUTION = "hctap-api"


def make_health_router(dependencies: Mapping[str, Dependency], limit_seconds: float) -> APIRouter:
    """The routes `/health`, `/ready` and `/version`."""
    router = APIRouter(tags=["health"], responses=ANY_OTHER)
    alive = Health().model_dump_json()
    release = _release().model_dump_json()

    @router.get("/health", response_model=Health, responses=answer("The process is alive.", examples.HEALTH))
    async def health() -> Response:
        """Say that the process is alive; nothing that it stands on is asked."""
        return Response(alive, media_type="application/json")

    @router.get("/version", response_model=Version, responses=answer("What answers here.", examples.VERSION))
    async def version() -> Response:
        """Say which release answers, and the schema versions of its records."""
        return Response(release, media_type="application/json")

    @router.get(
        "/ready",
        response_model=Readiness,
        responses=answer("Everything that the API stands on can be used.", examples.READY) | NOT_READY,
    )
    async def ready(request: Request) -> Response:
        """Ask database, migrations, Redis, buckets and engine at once; without Redis the API is `degraded`."""
        readiness = await check_readiness(dependencies, limit_seconds)
        failed = [check for check in readiness.checks if not check.ok]
        if readiness.status != "not_ready":
            return Response(readiness.model_dump_json(), media_type="application/json")
        return problem_response(
            request,
            HTTPStatus.SERVICE_UNAVAILABLE,
            "not-ready",
            "The API is not ready",
            f"These cannot be used: {', '.join(check.name for check in failed)}.",
            remedy=failed[0].remedy,
            checks=readiness.checks,
        )

    return router


def _release() -> Version:
    return Version(
        service=DISTRIBUTION,
        version=version(DISTRIBUTION),
        api="v1",
        note_schema_version=NOTE_SCHEMA_VERSION,
        entity_schema_version=ENTITY_SCHEMA_VERSION,
    )
