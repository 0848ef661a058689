import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from hctap_embedded.probes import answers_http, answers_postgres, answers_valkey


@contextmanager
def server_that_says(answer: bytes) -> Iterator[int]:
    """A server that answers the first question of its first caller and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_once() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

        thread = threading.Thread(target=answer_once)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


Probe = Callable[[int], bool]


def ask_valkey(port: int) -> bool:
    return answers_valkey(port, "password")


def ask_http(port: int) -> bool:
    return answers_http(port, "/health")


@pytest.mark.parametrize(
    ("probe", "answer", "expected"),
    [
        (answers_postgres, b"R\0\0\0\x17", True),
        (answers_postgres, b"E\0\0\0\x50SFATAL\0C57P03\0", False),  # it recovers
        (answers_postgres, b"", False),
        (ask_valkey, b"+OK\r\n+PONG\r\n", True),
        (ask_valkey, b"-LOADING Valkey is loading\r\n-LOADING\r\n", False),
        (ask_valkey, b"-WRONGPASS invalid\r\n-NOAUTH\r\n", False),
        (ask_http, b"HTTP/1.1 200 OK\r\n\r\n", True),
        (ask_http, b"HTTP/1.0 200 OK\r\n\r\n", True),
        (ask_http, b"HTTP/1.1 503 Service Unavailable\r\n\r\n", False),
        (ask_http, b"HTTP/1.1 200", True),
        (ask_http, b"SSH-2.0-OpenSSH_9.2 200\r\n", False),
    ],
)
def test_only_the_right_answer_counts(probe: Probe, answer: bytes, *, expected: bool) -> None:
    with server_that_says(answer) as port:
        assert probe(port) is expected


@pytest.mark.parametrize("probe", [answers_postgres, ask_valkey, ask_http])
def test_a_closed_port_answers_nothing(probe: Probe) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert not probe(port)
