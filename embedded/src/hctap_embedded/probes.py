"""Short conversations that show whether a server serves: one connection, one question, the expected answer."""

import socket
import struct
from contextlib import suppress

from hctap_embedded.addresses import DATABASE, HOST, ROLE

_TIMEOUT_SECONDS = 2.0
_PROTOCOL_3 = 196_608


def answers_postgres(port: int) -> bool:
    """Whether PostgreSQL takes log-ins: it asks for a password, where one that still recovers answers with an error."""
    start = struct.pack("!i", _PROTOCOL_3) + f"user\0{ROLE}\0database\0{DATABASE}\0\0".encode()
    return _ask(port, struct.pack("!i", len(start) + 4) + start, 1) == b"R"


def answers_valkey(port: int, password: str) -> bool:
    """Whether Valkey takes the password and answers PING; one that still loads its data does not."""
    expected = b"+OK\r\n+PONG\r\n"
    return _ask(port, f"AUTH {password}\r\nPING\r\n".encode(), len(expected)) == expected


def answers_http(port: int, path: str) -> bool:
    """Whether a web server answers `GET path` with 200."""
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n"
    return _ask(port, request.encode(), len(b"HTTP/1.1 200"))[8:] == b" 200"


def _ask(port: int, question: bytes, length: int) -> bytes:
    try:
        with socket.create_connection((HOST, port), timeout=_TIMEOUT_SECONDS) as connection:
            connection.sendall(question)
            answer = b""
            while len(answer) < length and (more := connection.recv(length - len(answer))):
                answer += more
            _take_leave(connection)
            return answer
    except OSError:
        return b""


def _take_leave(connection: socket.socket) -> None:
    # Hanging up on what the server still says would be a reset, and PostgreSQL logs each of them.
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
