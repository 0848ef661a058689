"""What goes around every request."""

import json
import logging
import time
from collections.abc import Iterator
from io import StringIO

import httpx
import pytest
from tests.clinic import CARDIOLOGY_TEXT

from hctap_core.logs import JsonFormatter

pytestmark = pytest.mark.stack


@pytest.fixture
def access_log() -> Iterator[StringIO]:
    """What the access log writes, as it stands in production."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("hctap_api")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(level)


def lines_of(stream: StringIO, *requests: str) -> list[dict[str, object]]:
    """The lines of these requests; each is written when its answer has left."""
    deadline = time.monotonic() + 10
    while True:
        lines = {line["request_id"]: line for line in map(json.loads, stream.getvalue().splitlines())}
        if lines.keys() >= set(requests) or time.monotonic() > deadline:
            return [lines[request] for request in requests]
        time.sleep(0.01)


def test_the_callers_request_id_comes_back(api_url: str) -> None:
    response = httpx.get(f"{api_url}/health", headers={"X-Request-ID": "trace-1.a_B"})
    assert response.headers["x-request-id"] == "trace-1.a_B"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>", "ä"])
def test_an_unusable_request_id_is_replaced(api_url: str, given: str) -> None:
    response = httpx.get(f"{api_url}/health", headers={b"X-Request-ID": given.encode()})
    assert len(response.headers["x-request-id"]) == 32


@pytest.mark.parametrize("path", ["/health", "/v1/notes/cardiology-1", "/v1/notes/nobody", "/nowhere", "/openapi.json"])
def test_every_answer_has_the_security_headers_and_is_never_stored(api_url: str, path: str) -> None:
    headers = httpx.get(api_url + path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "server" not in headers


def test_the_access_log_has_route_status_and_id_but_no_query_and_no_text(api_url: str, access_log: StringIO) -> None:
    response = httpx.get(f"{api_url}/v1/notes/cardiology-1?run_id=&secret=chest+pain", headers={"X-Request-ID": "abc"})
    httpx.get(f"{api_url}/v1/notes/cardiology-1", headers={"X-Request-ID": "abd"})
    assert response.status_code == 422
    refused, answered = lines_of(access_log, "abc", "abd")
    assert (refused["event"], refused["request_id"], refused["status"]) == ("request", "abc", 422)
    assert "note_id" not in refused
    assert answered["route"] == "/v1/notes/{note_id}"
    assert (answered["note_id"], answered["method"], answered["address"]) == ("cardiology-1", "GET", "127.0.0.1")
    assert isinstance(answered["bytes"], int)
    assert answered["bytes"] > len(CARDIOLOGY_TEXT)
    written = access_log.getvalue()
    assert "chest" not in written
    assert "secret" not in written


def test_an_address_that_leads_nowhere_is_not_written_down(api_url: str, access_log: StringIO) -> None:
    httpx.get(f"{api_url}/denies%20chest%20pain", headers={"X-Request-ID": "nowhere"})
    (line,) = lines_of(access_log, "nowhere")
    assert (line["status"], line["route"]) == (404, None)
    assert "chest" not in access_log.getvalue()
