"""A FastAPI application with one route that does nothing: what all others are compared with.

`python -m benchmarks.api.bare PORT` serves it by uvicorn as it comes, with its loop and parser in C and no access log.
"""

import sys

import uvicorn
from fastapi import FastAPI


def make_bare() -> FastAPI:
    """The application."""
    app = FastAPI()

    @app.get("/bare")
    async def answer() -> dict[str, str]:
        return {"status": "ok"}

    return app


if __name__ == "__main__":
    uvicorn.run(make_bare(), host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False)
