import socket

import pytest

from hctap_core.errors import StoreUnavailable
from hctap_embedded.probes import answers_http
from hctap_etl.health import answering


def test_a_worker_answers_that_it_lives() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with answering(port):
        assert answers_http(port, "/health")
        assert not answers_http(port, "/other")
        with pytest.raises(StoreUnavailable, match="already in use"), answering(port):
            raise AssertionError("it was not refused")
    assert not answers_http(port, "/health")


def test_without_a_port_nothing_listens() -> None:
    with answering(None):
        pass
