import socket
import threading
import time
from collections.abc import Iterator

import pytest
from tests.chaos.dice import dice
from tests.chaos.proxy import Harm, Proxy


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy before a server that sends back what it gets."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=_echo, args=(connection,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        with Proxy(server.getsockname()[1]) as opened:
            yield opened
        server.shutdown(socket.SHUT_RDWR)


def _echo(connection: socket.socket) -> None:
    with connection:
        while data := connection.recv(4096):
            connection.sendall(data)


def _ask(proxy: Proxy, question: bytes) -> bytes:
    answer = b""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as connection:
        connection.sendall(question)
        while len(answer) < len(question) and (data := connection.recv(4096)):
            answer += data
    return answer


def test_what_passes_is_passed_on_and_counted(proxy: Proxy) -> None:
    assert _ask(proxy, b"question") == b"question"
    assert proxy.passed == 16


def test_an_action_comes_when_so_much_has_passed(proxy: Proxy) -> None:
    acted: list[int] = []
    proxy.at(20, lambda: acted.append(proxy.passed))
    _ask(proxy, b"12345678")
    assert acted == []
    _ask(proxy, b"12345678")
    assert acted == [24]


def test_dropped_connections_are_reset_and_no_others_made(proxy: Proxy) -> None:
    proxy.harm(Harm.DROP, dice(1), 30)
    with pytest.raises(ConnectionError):
        _ask(proxy, b"question")
    proxy.heal()
    assert _ask(proxy, b"question") == b"question"


def test_a_truncated_answer_ends_early_and_once(proxy: Proxy) -> None:
    proxy.harm(Harm.TRUNCATE, dice(1), 30)
    assert len(_ask(proxy, b"q" * 100)) < 100
    assert _ask(proxy, b"question") == b"question"


def test_delays_change_nothing_but_the_time(proxy: Proxy) -> None:
    proxy.harm(Harm.DELAY, dice(1), 30)
    begun = time.monotonic()
    assert _ask(proxy, b"question") == b"question"
    assert time.monotonic() - begun > 0.02
