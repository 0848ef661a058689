"""How uvicorn serves the application."""

import gc
from typing import Final

import uvicorn
from fastapi import FastAPI

# New objects until the young are looked at, and rounds of those until the older ones are.
_COLLECT_AFTER: Final = (20_000, 20, 50)


def configure_server(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """The server's configuration: its own access log and banner are off, nobody's word for an address is taken."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
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
