"""Stores killed under load, and callers who never finish: what it costs, and that the API stays up.

`make test-api-faults` does it with more callers, for longer, and again and again, and writes docs/reliability-api.md.
"""

import os
import resource
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.api.crowd import Answers, calling
from tests.api.fault_page import Fault, Findings, render_page
from tests.api.outages import PATIENCE_SECONDS, POSTGRES, REDIS, kill_store, wait_for_good
from tests.clinic import serve, settings_of

from hctap_api.main import create_app
from hctap_embedded.stack import Stack

pytestmark = pytest.mark.stack
LONG = "HCTAP_TEST_FAULTS" in os.environ
ROUNDS = int(os.environ.get("HCTAP_TEST_FAULTS", "1"))
CALLERS = 16 if LONG else 4
PATHS = ("/v1/notes/cardiology-1", "/v1/notes?limit=20", "/v1/runs/latest")
# So many answers are waited for before the fault, during it and after it.
ANSWERS = 500 if LONG else 20
SLOW_CALLERS = 1_000
PAGE = Path(__file__).parents[2] / "docs" / "reliability-api.md"


@pytest.fixture(scope="module")
def url(stack: Stack, api_url: str, clinic_database: str) -> Iterator[str]:
    """The clinic's API once more: what its connections go through here is nobody else's."""
    assert api_url
    more = {"HCTAP_API_REQUESTS_PER_MINUTE": "0", "HCTAP_READY_LIMIT_SECONDS": "60"}
    with serve(create_app(settings_of(stack, clinic_database, **more))) as served:
        yield served
    # The next tests ask an API whose connections are gone as well.
    wait_for_good(api_url, "/v1/notes/cardiology-1")


@pytest.fixture(scope="module")
def findings() -> Iterator[Findings]:
    """What the tests find; the page is written of all tests alone."""
    found = Findings()
    yield found
    if LONG and len(found.faults) == 2 * ROUNDS and found.slowest_ms is not None:
        PAGE.write_text(render_page(found, CALLERS, ANSWERS, SLOW_CALLERS), encoding="utf-8")


def wait_for_answers(answers: Answers, count: int) -> None:
    wanted = len(answers.given) + count
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(answers.given) < wanted:
        assert time.monotonic() < deadline, "the API answers no more"
        time.sleep(0.05)


def wait_until_refused(answers: Answers) -> None:
    """Wait until everybody has been refused once, each after some seconds of waiting for a connection."""
    wanted = answers.statuses()[httpx.codes.SERVICE_UNAVAILABLE] + CALLERS
    deadline = time.monotonic() + PATIENCE_SECONDS
    while answers.statuses()[httpx.codes.SERVICE_UNAVAILABLE] < wanted:
        assert time.monotonic() < deadline, "the API did not say that the store is away"
        time.sleep(0.05)


def wait_until_well(answers: Answers) -> None:
    """Wait until all of the last answers are good."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while {status for _, status in answers.given[-CALLERS:]} != {httpx.codes.OK}:
        assert time.monotonic() < deadline, "the API did not recover"
        wait_for_answers(answers, CALLERS)


@pytest.mark.parametrize("part", [POSTGRES, REDIS] * ROUNDS)
def test_a_store_killed_under_load_costs_answers_and_no_restart(
    stack: Stack, url: str, part: str, findings: Findings, capsys: pytest.CaptureFixture[str]
) -> None:
    with calling(url, PATHS, CALLERS) as answers:
        try:
            wait_for_answers(answers, ANSWERS)
            killed = time.monotonic()
            kill_store(stack, part)
            if part == POSTGRES:
                wait_until_refused(answers)
            else:
                wait_for_answers(answers, ANSWERS)
        finally:
            stack.up((part,))
        back = time.monotonic()
        wait_until_well(answers)
    statuses = answers.statuses()
    # Without Redis nothing fails; without the database everything says so, and when to come again.
    assert set(statuses) <= ({200, 503} if part == POSTGRES else {200}), statuses
    recovered = answers.recovered_after(killed) if statuses[503] else 0.0
    others = len(answers.given) - statuses[200] - statuses[503]
    fault = Fault(part, len(answers.given), statuses[503], others, back - killed, recovered)
    findings.faults.append(fault)
    with capsys.disabled():
        sys.stdout.write(
            f" [{part}: answers={fault.answers} errors={fault.refused} "
            f"away_s={fault.away_s:.1f} recovered_s={recovered:.1f}]"
        )


def test_a_thousand_callers_who_never_finish_keep_nobody_out(
    url: str, findings: Findings, capsys: pytest.CaptureFixture[str]
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8 * SLOW_CALLERS)), hard))
    address = (str(urlsplit(url).hostname), int(urlsplit(url).port or 0))
    head = b"POST /v1/entities/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    begun = 0
    with ExitStack() as open_connections:
        for number in range(SLOW_CALLERS):
            connection = open_connections.enter_context(socket.create_connection(address, timeout=PATIENCE_SECONDS))
            # Half of them never end their headers, half never their body.
            connection.sendall(head if number % 2 else head + b'Content-Length: 100\r\n\r\n{"text":')
            begun += 1
        with httpx.Client(base_url=url, timeout=PATIENCE_SECONDS) as client:
            times = []
            for path in (*PATHS, "/health", "/ready") * 4:
                asked = time.monotonic()
                assert client.get(path).status_code == httpx.codes.OK
                times.append(time.monotonic() - asked)
    assert begun == SLOW_CALLERS
    assert httpx.get(f"{url}/v1/notes/cardiology-1", timeout=PATIENCE_SECONDS).status_code == httpx.codes.OK
    findings.slowest_ms = 1000 * max(times)
    with capsys.disabled():
        sys.stdout.write(f" [{begun} open requests; slowest answer beside them {1000 * max(times):.0f} ms]")


def test_the_page_says_the_worst_of_each_store() -> None:
    faults = [
        Fault(POSTGRES, 100, 4, 0, 5.0, 6.5),
        Fault(POSTGRES, 50, 2, 0, 7.0, 7.2),
        Fault(REDIS, 90, 0, 0, 0.5, 0.0),
    ]
    page = render_page(Findings(faults, 12.4), 16, 500, 1000)
    assert "| PostgreSQL | 2 | 150 | 6 | 0 | 7.0 s | 1.5 s |" in page
    assert "| Redis (Valkey) | 1 | 90 | 0 | 0 | 0.5 s | 0.0 s |" in page
    assert "1,000 connections" in page
    assert "12 ms" in page
