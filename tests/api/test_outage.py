"""The database is killed under the API: it says so, stays up, and goes on without a restart."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from hctap_embedded.stack import Stack

pytestmark = pytest.mark.stack


@pytest.fixture
def no_postgres(stack: Stack, api_url: str) -> Iterator[None]:
    """PostgreSQL killed as by `kill -9`; it is there again after the test."""
    assert httpx.get(f"{api_url}/v1/runs/latest").status_code == 200
    pid = next(part.pid for part in stack.status() if part.name == "postgres")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    yield
    stack.up(("postgres",))


def wait_for(api_url: str, path: str, status: int, seconds: float) -> httpx.Response:
    deadline = time.monotonic() + seconds
    while True:
        response = httpx.get(api_url + path, timeout=20)
        if response.status_code == status or time.monotonic() > deadline:
            return response
        time.sleep(0.1)


@pytest.mark.usefixtures("no_postgres")
def test_an_outage_is_said_and_outlived(stack: Stack, api_url: str) -> None:
    paths = ["/v1/notes/cardiology-1", "/v1/notes", "/v1/runs/latest"] * 4
    with ThreadPoolExecutor(len(paths)) as pool:
        responses = list(pool.map(lambda path: httpx.get(api_url + path, timeout=20), paths))
    for response in responses:
        assert response.status_code == 503, response.text
        assert response.headers["retry-after"] == "5"
        assert response.json()["type"] == "urn:hctap:problem:store-unavailable"
        assert "make up" in response.json()["remedy"]
        assert "127.0.0.1" not in response.text
    assert httpx.get(f"{api_url}/health").status_code == 200
    not_ready = httpx.get(f"{api_url}/ready", timeout=20)
    assert not_ready.status_code == 503
    assert [check["name"] for check in not_ready.json()["checks"] if not check["ok"]] == ["database"]

    stack.up(("postgres",))

    assert wait_for(api_url, "/v1/notes/cardiology-1", 200, seconds=15).status_code == 200
    assert wait_for(api_url, "/ready", 200, seconds=15).status_code == 200
