"""A store is killed under the API: it says so, stays up, and goes on without a restart."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from hctap_embedded.stack import Stack

pytestmark = pytest.mark.stack
REDIS = "valkey"


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


def test_without_redis_nothing_fails_and_it_is_taken_back_without_a_restart(
    stack: Stack, api_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    statuses: list[int] = []
    is_over = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=api_url, timeout=20) as client:
            while not is_over.is_set():
                statuses.append(client.get("/v1/notes/cardiology-1").status_code)

    pid = next(part.pid for part in stack.status() if part.name == REDIS)
    assert pid is not None
    with ThreadPoolExecutor(4) as pool:
        callers = [pool.submit(ask) for _ in range(4)]
        try:
            os.kill(pid, signal.SIGKILL)
            killed = time.monotonic()
            degraded = _wait_until(api_url, "degraded", seconds=30)
            stack.up((REDIS,))
            ready = _wait_until(api_url, "ready", seconds=30)
        finally:
            is_over.set()
            stack.up((REDIS,))
    assert [caller.result() for caller in callers] == [None] * 4
    assert set(statuses) == {200}
    with capsys.disabled():
        sys.stdout.write(
            f" [Redis: {len(statuses)} answers, none failed; degraded after {degraded - killed:.1f} s, "
            f"ready {ready - degraded:.1f} s later]"
        )


def _wait_until(api_url: str, status: str, seconds: float) -> float:
    deadline = time.monotonic() + seconds
    while httpx.get(f"{api_url}/ready", timeout=20).json().get("status") != status:
        assert time.monotonic() < deadline, f"the API was not {status} in time"
        time.sleep(0.1)
    return time.monotonic()
