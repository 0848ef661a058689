"""What goes around every request."""

import json
import logging
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


def lines_of(stream: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


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
    refused, answered = lines_of(access_log)
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
    httpx.get(f"{api_url}/denies%20chest%20pain")
    (line,) = lines_of(access_log)
    assert (line["status"], line["route"]) == (404, None)
    assert "chest" not in access_log.getvalue()
