"""Routes that stand before those of FastAPI that have the same path, and answer the plain requests among theirs.

To find and check parameters that are not there takes FastAPI longer than all else that the API does for a note.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

_BODY: Final = frozenset({b"content-length", b"transfer-encoding"})


class DirectRoute(Route):
    """Answers a GET without parameters and body; all others are left to the next route that has the path.

    `admit` is what FastAPI's route depends on; `is_plain` says whether the parts of the path are as they have to be,
    so that what is refused is refused by FastAPI's route.
    """

    def __init__(
        self,
        path: str,
        *,
        admit: Callable[[Request], Awaitable[None]],
        is_plain: Callable[[dict[str, Any]], bool],
        answer: Callable[[Request], Awaitable[Response]],
    ) -> None:
        async def respond(request: Request) -> Response:
            await admit(request)
            return await answer(request)

        super().__init__(path, respond, methods=["GET"], include_in_schema=False)
        self._is_plain = is_plain

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether this route answers: it does so in full or not at all."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
            return Match.NONE, {}
        match, child_scope = super().matches(scope)
        if match is not Match.FULL or not self._is_plain(child_scope["path_params"]):
            return Match.NONE, {}
        if any(name in _BODY for name, _ in scope["headers"]):
            return Match.NONE, {}
        # As FastAPI's routes do: logs and metrics say the path of the route.
        return match, {**child_scope, "route": self}
