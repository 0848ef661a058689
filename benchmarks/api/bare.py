"""A FastAPI application with one route that does nothing: what all others are compared with.

`python -m benchmarks.api.bare PORT` serves it with the API's settings of uvicorn, over uvicorn's own protocol.
"""

import sys

import uvicorn
from fastapi import FastAPI

from hctap_api.serving import configure_server


def make_bare() -> FastAPI:
    """The application."""
    app = FastAPI()

    @app.get("/bare")
    async def answer() -> dict[str, str]:
        return {"status": "ok"}

    return app


if __name__ == "__main__":
    config = configure_server(make_bare(), "127.0.0.1", int(sys.argv[1]))
    config.http = "httptools"
    uvicorn.Server(config).run()
