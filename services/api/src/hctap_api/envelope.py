"""What goes around every request: its id, the security headers, one line in the access log."""

import asyncio
import logging
import time
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hctap_api.metrics import Metrics
from hctap_api.request_ids import REQUEST_ID_HEADER, assign_request_id

log = logging.getLogger("hctap_api.access")

SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_RAW_SECURITY_HEADERS: Final = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
# What has an ETag holds no text of notes: it may be kept by its reader, who asks whether it is still so.
_RAW_TAGGED_HEADERS: Final = [
    (name, b"private, no-cache" if name == b"cache-control" else value) for name, value in _RAW_SECURITY_HEADERS
]
_RAW_REQUEST_ID: Final = REQUEST_ID_HEADER.lower().encode()
# Where the gate leaves what it counted, for the answer's headers.
ALLOWANCE_KEY: Final = "hctap.allowance"
_BAD_REQUEST: Final = 400
_FAULT: Final = 500


class Envelope:
    """The outermost middleware of ours: plain ASGI, so that it costs microseconds."""

    def __init__(self, app: ASGIApp, metrics: Metrics | None = None) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, dress its answer, and write its line when it is over."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = assign_request_id(scope)
        began = time.perf_counter()
        # A request that ends without an answer ended in a fault, which is answered further out.
        status, size = _FAULT, 0

        async def send_dressed(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                given = list(message.get("headers", ()))
                safe = _RAW_TAGGED_HEADERS if any(name == b"etag" for name, _ in given) else _RAW_SECURITY_HEADERS
                headers = [*given, *safe, (_RAW_REQUEST_ID, request_id.encode())]
                allowance = scope.get(ALLOWANCE_KEY)
                if allowance is not None:
                    headers += allowance.headers()
                message = {**message, "headers": headers}
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, send_dressed)
        finally:
            # In the loop's next turn: the answer leaves at the end of this one.
            seconds = time.perf_counter() - began
            asyncio.get_running_loop().call_soon(self._tell, scope, status, size, seconds, request_id)

    def _tell(self, scope: Scope, status: int, size: int, seconds: float, request_id: str) -> None:
        facts = _facts(scope, status, request_id)
        log.info("request", extra={"duration_ms": round(seconds * 1000, 2), "bytes": size, **facts})
        if self._metrics is not None:
            self._metrics.count_request(scope["method"], facts["route"], status, seconds)


def _facts(scope: Scope, status: int, request_id: str) -> dict[str, Any]:
    """Who asked for what, by the route and not by the address: in an address a caller may have put any text."""
    route = scope.get("route")
    client = scope.get("client")
    facts = {
        "request_id": request_id,
        "method": scope["method"],
        "route": getattr(route, "path", None),
        "status": status,
        "address": client[0] if client else None,
    }
    if status < _BAD_REQUEST and (note_id := scope.get("path_params", {}).get("note_id")):
        facts["note_id"] = note_id
    return facts
