"""Who asks: what a program shows to whoever signs in, and what it need not show."""

from typing import Annotated

from fastapi import APIRouter, Depends

from hctap_api import examples
from hctap_api.gate import Gate
from hctap_api.routes.responses import ANY_OTHER, UNAVAILABLE, answer
from hctap_core.permissions import Identity


def make_identity_router(gate: Gate) -> APIRouter:
    """The route `/v1/me`."""
    router = APIRouter(tags=["identity"], responses=UNAVAILABLE | ANY_OTHER)

    @router.get("/v1/me", responses=answer("Whoever asks.", examples.IDENTITY))
    async def get_identity(identity: Annotated[Identity, Depends(gate.identify)]) -> Identity:
        """Show whose key this is and what it may do here."""
        return identity

    return router
