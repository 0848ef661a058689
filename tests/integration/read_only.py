"""S3 whose buckets turn read-only: a door before the real one that refuses every write from some moment on."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final
from urllib.parse import urlsplit

_DENIED: Final = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
_HOP: Final = {"connection", "transfer-encoding", "content-length", "date", "server"}


class Door:
    """Whether writes are let through, and where S3 answers behind the door."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.is_shut = False
        self.url = ""


@contextmanager
def open_door(target: str) -> Iterator[Door]:
    """A door before the S3 service at an address."""
    door = Door(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - the names that the server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the server gives
            pass

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if door.is_shut and self.command not in {"GET", "HEAD"}:
                self._send(403, {"Content-Type": "application/xml"}, _DENIED)
                return
            place = urlsplit(door.target)
            connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            self._send(answer.status, dict(answer.getheaders()), answer.read())
            connection.close()

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            told = headers.get("Content-Length", headers.get("content-length"))
            size = told if self.command == "HEAD" and told else str(len(body))
            self.send_header("Content-Length", size)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    door.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield door
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
