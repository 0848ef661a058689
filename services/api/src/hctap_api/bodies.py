"""How much a request may send, and how long it may take to."""

import asyncio
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hctap_api.errors import problem_response

# A text of 1 MiB may be written with six bytes for each of its characters; a file has 10 MiB, and form around it.
MAX_BODY_BYTES: Final = 11 * 1_048_576
BODY_SECONDS: Final = 30.0
_TOO_LARGE: Final = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class BodyLimits:
    """Refuses a body that is too large, by its announced length or while it comes, or that does not come to an end."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES, seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _announced(scope) > self._max_bytes:
            response = problem_response(
                Request(scope),
                _TOO_LARGE,
                "body-too-large",
                "The request's body is too large",
                f"A body may have {self._max_bytes} bytes.",
                remedy="Send less at a time.",
            )
            await response(scope, receive, send)
            return
        await self._app(scope, self._limited(receive), send)

    def _limited(self, receive: Receive) -> Receive:
        size, is_whole = 0, False

        async def receive_some() -> Message:
            nonlocal size, is_whole
            if is_whole:
                # What comes after the body is the end of the connection, for which there is no limit.
                return await receive()
            try:
                async with asyncio.timeout(self._seconds):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
            size += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if size > self._max_bytes:
                raise HTTPException(_TOO_LARGE)
            return message

        return receive_some


def _announced(scope: Scope) -> int:
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(length) if length.isdigit() else 0
