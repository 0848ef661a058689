import socket
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from hctap_embedded.ports import FIRST, LAST, free_ports, is_free


@pytest.fixture(params=["127.0.0.1", "0.0.0.0"])  # noqa: S104 - a stranger's server on all addresses
def taken_port(request: pytest.FixtureRequest) -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port = next(free_ports(Path("/taken"), (), ()))
        server.bind((request.param, port))
        server.listen()
        yield port


def test_a_port_with_a_server_is_not_free(taken_port: int) -> None:
    assert not is_free(taken_port)


def test_first_choices_come_first_and_only_if_free(taken_port: int) -> None:
    spare = next(free_ports(Path("/spare"), (), {taken_port}))
    assert next(free_ports(Path("/home"), (taken_port, spare), ())) == spare


def test_ports_of_other_parts_are_left_alone() -> None:
    first, second = islice(free_ports(Path("/home"), (), ()), 2)
    assert next(free_ports(Path("/home"), (first,), {first})) == second


def test_each_home_begins_at_its_own_place_below_the_ports_of_outgoing_connections() -> None:
    begins = [next(free_ports(Path(f"/home/{name}"), (), ())) for name in "abcdefgh"]
    assert len(set(begins)) > 1
    assert all(FIRST <= port <= LAST < 32_768 for port in begins)
