"""Large answers compressed, for those who take that."""

from typing import Final

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

# What is small is not worth the time; 4 is half the time of 9 for nearly the same size.
_FROM_BYTES: Final = 4096
_LEVEL: Final = 4


class Compression:
    """Compresses with gzip where the request says that it takes it; all other answers pass as they are.

    Starlette's own middleware looks at each answer of each request, for an eighth of the time that a note takes here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._compressed = GZipMiddleware(app, minimum_size=_FROM_BYTES, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        await (self._compressed if _takes_gzip(scope) else self._plain)(scope, receive, send)


def _takes_gzip(scope: Scope) -> bool:
    return scope["type"] == "http" and any(
        name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"]
    )
