"""ETags for answers without text of notes: who has the answer already is told so, and gets it no second time.

What holds text is never to be kept by anybody, so it has no ETag.
"""

import hashlib
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# By the route's own path; what is not here may hold text of notes, or is sent piece by piece.
WITHOUT_TEXT: Final = frozenset(
    {
        "/config",
        "/openapi.json",
        "/runs/latest",
        "/stats/latest",
        "/stats/run/{run_id}",
        "/v1/models",
        "/v1/runs",
        "/v1/runs/latest",
        "/v1/runs/{run_id}",
        "/v1/runs/{run_id}/compare/{other_id}",
        "/v1/runs/{run_id}/compare/{other_id}/notes",
        "/v1/runs/{run_id}/notes",
        "/v1/runs/{run_id}/quarantine",
        "/v1/vocabulary",
        "/v1/vocabulary/codes/{system}/{code}",
    }
)
_OK: Final = 200
_NOT_MODIFIED: Final = 304


class Freshness:
    """Puts an ETag on an answer to GET, and answers 304 to whoever names it in `If-None-Match`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and hold its answer until it is whole."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def send_fresh(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _has_tag(scope, message):
                start = message
                return
            if start is None:
                await send(message)
                return
            held, start = start, None
            if message.get("more_body"):
                # An answer in pieces is passed on as it comes.
                await send(held)
                await send(message)
                return
            for one in _tagged(scope, held, message):
                await send(one)

        await self._app(scope, receive, send_fresh)


def _has_tag(scope: Scope, start: Message) -> bool:
    return start["status"] == _OK and getattr(scope.get("route"), "path", None) in WITHOUT_TEXT


def _tagged(scope: Scope, start: Message, body: Message) -> tuple[Message, Message]:
    # Weak: the same answer may be compressed or not.
    tag = b'W/"' + hashlib.sha256(body.get("body", b"")).hexdigest()[:32].encode() + b'"'
    headers = [*start["headers"], (b"etag", tag)]
    asked = b",".join(value for name, value in scope["headers"] if name == b"if-none-match")
    if tag.removeprefix(b"W/") not in {one.strip().removeprefix(b"W/") for one in asked.split(b",")}:
        return {**start, "headers": headers}, body
    kept = [(name, value) for name, value in headers if name not in {b"content-length", b"content-type"}]
    return {**start, "status": _NOT_MODIFIED, "headers": kept}, {**body, "body": b""}
