"""Routes that stand before those of FastAPI that have the same path, and answer the plain requests among theirs.

To find and check parameters that are not there, and to see that JSON is JSON, takes FastAPI longer than all else that
the API does for a note, and a tenth of the time for a text.
"""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, Literal, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

Body = TypeVar("Body", bound=BaseModel)

_LENGTH: Final = b"content-length"
_JSON: Final = (b"content-type", b"application/json")


class DirectRoute(Route):
    """Answers a GET without parameters and body, or a POST of JSON; all others are left to the next route of the path.

    `admit` is what FastAPI's route depends on; `is_plain` says whether the parts of the path are as they have to be,
    so that what is refused is refused by FastAPI's route.
    """

    def __init__(
        self,
        path: str,
        *,
        admit: Callable[[Request], Awaitable[None]],
        answer: Callable[[Request], Awaitable[Response]],
        is_plain: Callable[[dict[str, Any]], bool] | None = None,
        method: Literal["GET", "POST"] = "GET",
    ) -> None:
        async def respond(request: Request) -> Response:
            await admit(request)
            return await answer(request)

        super().__init__(path, respond, methods=[method], include_in_schema=False)
        self._method = method
        self._is_plain = is_plain

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether this route answers: it does so in full or not at all."""
        if scope["type"] != "http" or scope["method"] != self._method or scope["query_string"]:
            return Match.NONE, {}
        match, child_scope = super().matches(scope)
        if match is not Match.FULL or not (self._is_plain is None or self._is_plain(child_scope["path_params"])):
            return Match.NONE, {}
        if not self._is_body_plain(scope["headers"]):
            return Match.NONE, {}
        # As FastAPI's routes do: logs and metrics say the path of the route.
        return match, {**child_scope, "route": self}

    def _is_body_plain(self, headers: list[tuple[bytes, bytes]]) -> bool:
        names = [name for name, _ in headers]
        if b"transfer-encoding" in names:
            return False
        if self._method == "GET":
            return _LENGTH not in names
        return _JSON in headers and (_LENGTH, b"0") not in headers and _LENGTH in names


async def read_body(request: Request, model: type[Body]) -> Body:
    """What was posted as JSON, checked as FastAPI does it.

    Raises:
        RequestValidationError: If it is no JSON, or a part of it cannot be used.
        HTTPException: If it is no text.
    """
    body = await request.body()
    try:
        return model.model_validate(json.loads(body), from_attributes=True)
    except json.JSONDecodeError as error:
        invalid = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "JSON decode error"}
        raise RequestValidationError([invalid]) from None
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        raise RequestValidationError(found) from None
    except (ValueError, RecursionError):
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None
