"""Which hosts the API answers to: a page of a foreign site that resolves its name to this machine is refused."""

from collections.abc import Collection
from functools import lru_cache
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from hctap_api.errors import problem_response

ANY_HOST = "*"
_KEPT: Final = 256


class TrustedHosts:
    """Refuses a request whose `Host` is not on the list, as a problem; `*` on the list lets every host in."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower().strip("[]") for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 400."""
        if scope["type"] != "http" or ANY_HOST in self._hosts or host_of(scope) in self._hosts:
            await self._app(scope, receive, send)
            return
        response = problem_response(
            Request(scope),
            HTTPStatus.BAD_REQUEST,
            "untrusted-host",
            "The API does not answer to this host",
            "The request's Host header names a host that is not on the list.",
            remedy="Add the host to HCTAP_API_ALLOWED_HOSTS.",
        )
        await response(scope, receive, send)


def host_of(scope: Scope) -> str | None:
    """The host that the request names, in lower case and without port or brackets."""
    return _host_in(next((value for key, value in scope["headers"] if key == b"host"), b""))


@lru_cache(_KEPT)
def _host_in(named: bytes) -> str | None:
    try:
        return urlsplit(f"//{named.decode('latin-1')}").hostname
    except ValueError:
        return None
