"""How uvicorn serves the application."""

import uvicorn
from fastapi import FastAPI


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
