"""A store is killed under the API: it says so, stays up, and goes on without a restart."""

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tests.api.outages import PATIENCE_SECONDS, POSTGRES, REDIS, kill_store, wait_for_good

from hctap_embedded.stack import Stack

pytestmark = pytest.mark.stack


@pytest.fixture
def no_postgres(stack: Stack, api_url: str) -> Iterator[None]:
    """PostgreSQL killed as by `kill -9`; it is there again after the test."""
    assert httpx.get(f"{api_url}/v1/runs/latest", timeout=PATIENCE_SECONDS).status_code == 200
    kill_store(stack, POSTGRES)
    yield
    stack.up((POSTGRES,))


@pytest.mark.usefixtures("no_postgres")
def test_an_outage_is_said_and_outlived(stack: Stack, api_url: str) -> None:
    paths = ["/v1/notes/cardiology-1", "/v1/notes", "/v1/runs/latest"] * 4
    with ThreadPoolExecutor(len(paths)) as pool:
        responses = list(pool.map(lambda path: httpx.get(api_url + path, timeout=PATIENCE_SECONDS), paths))
    for response in responses:
        assert response.status_code == 503, response.text
        assert response.headers["retry-after"] == "5"
        assert response.json()["type"] == "urn:hctap:problem:store-unavailable"
        assert "make up" in response.json()["remedy"]
        assert "127.0.0.1" not in response.text
    assert httpx.get(f"{api_url}/health", timeout=PATIENCE_SECONDS).status_code == 200
    not_ready = httpx.get(f"{api_url}/ready", timeout=PATIENCE_SECONDS)
    assert not_ready.status_code == 503
    # A machine that is busy may be slow to say the others.
    assert "database" in [check["name"] for check in not_ready.json()["checks"] if not check["ok"]]

    stack.up((POSTGRES,))

    wait_for_good(api_url, "/v1/notes/cardiology-1")
    wait_for_good(api_url, "/ready")


def test_without_redis_nothing_fails_and_it_is_taken_back_without_a_restart(
    stack: Stack, api_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    statuses: list[int] = []
    is_over = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=api_url, timeout=PATIENCE_SECONDS) as client:
            while not is_over.is_set():
                statuses.append(client.get("/v1/notes/cardiology-1").status_code)

    with ThreadPoolExecutor(4) as pool:
        callers = [pool.submit(ask) for _ in range(4)]
        try:
            kill_store(stack, REDIS)
            killed = time.monotonic()
            degraded = _wait_until(api_url, "degraded")
            stack.up((REDIS,))
            ready = _wait_until(api_url, "ready")
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


def _wait_until(api_url: str, status: str) -> float:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while httpx.get(f"{api_url}/ready", timeout=PATIENCE_SECONDS).json().get("status") != status:
        assert time.monotonic() < deadline, f"the API was not {status} in time"
        time.sleep(0.1)
    return time.monotonic()
