"""A worker's address: who asks it learns that the process lives."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from hctap_core.errors import StoreUnavailable

_HOST: Final = "127.0.0.1"
_PATIENCE_SECONDS: Final = 5


class _Answer(BaseHTTPRequestHandler):
    timeout = _PATIENCE_SECONDS

    def do_GET(self) -> None:
        """Answer 200 to `/health`, 404 to all else."""
        status = HTTPStatus.OK if self.path == "/health" else HTTPStatus.NOT_FOUND
        body = b'{"status":"alive"}\n' if status is HTTPStatus.OK else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the standard library calls it
        """Say nothing: health is asked every few seconds."""


@contextmanager
def answering(port: int | None) -> Iterator[None]:
    """Answer `GET /health` on a port of this machine, if one is given.

    Raises:
        StoreUnavailable: If the port is taken.
    """
    if port is None:
        yield
        return
    try:
        server = ThreadingHTTPServer((_HOST, port), _Answer)
    except OSError as error:
        raise StoreUnavailable(
            f"The port {port} of the worker is already in use ({type(error).__name__}).",
            remedy="Set HCTAP_WORKER_PORT to a free port, or unset it.",
        ) from None
    thread = threading.Thread(target=server.serve_forever, name="hctap-health", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
