"""How uvicorn serves the application."""

import asyncio
import gc
from typing import Any, Final, cast

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# New objects until the young are looked at, and rounds of those until the older ones are.
_COLLECT_AFTER: Final = (20_000, 20, 50)


class GatheringTransport:
    """A transport that sends two pieces that are written in one turn of the event loop as one.

    uvicorn writes the head of an answer and its body one by one: two calls of the system, and two packets that each
    wake the reader.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: bytes | None = None

    def write(self, data: bytes) -> None:
        """Hold a piece back for the next one, until the end of this turn at the latest."""
        if self._held is None:
            self._held = data
            self._loop.call_soon(self._flush)
        else:
            held, self._held = self._held, None
            self._transport.writelines([held, data])

    def close(self) -> None:
        """Close when all that was written has been sent."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._transport.write(held)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - all else is the transport's
        return getattr(self._transport, name)


class GatheringProtocol(HttpToolsProtocol):
    """uvicorn's protocol over such a transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Take a connection."""
        super().connection_made(cast(asyncio.Transport, GatheringTransport(transport, self.loop)))


def configure_server(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """The server's configuration: its own access log and banner are off, nobody's word for an address is taken."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=GatheringProtocol,
        log_config=None,
        # It would write query strings; ours is in the envelope.
        access_log=False,
        server_header=False,
        # Trusted proxies are not a setting yet.
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )


def settle_memory() -> None:
    """Let the collector leave alone what was made at the start: it would look at all of it again and again.

    Measured under load, every tenth moment went there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
