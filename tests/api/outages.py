"""A store that is gone: killed as by `kill -9`, with every process of its own."""

import os
import signal
import time

import httpx

from hctap_embedded.processes import find_workers_in, wait_for_end
from hctap_embedded.stack import Stack

POSTGRES = "postgres"
REDIS = "valkey"
# Far more than a machine takes that is busy with other things.
PATIENCE_SECONDS = 120


def kill_store(stack: Stack, name: str) -> None:
    """Kill a store and wait until nothing of it lives.

    A backend of a killed PostgreSQL answers on until it looks for its postmaster, so the outage begins with its end.
    """
    pid = next(part.pid for part in stack.status() if part.name == name)
    assert pid is not None
    family = find_workers_in((stack.home / POSTGRES).resolve(), POSTGRES) if name == POSTGRES else []
    os.kill(pid, signal.SIGKILL)
    assert not wait_for_end(family, PATIENCE_SECONDS), "processes of the killed store live on"


def wait_for_good(api_url: str, path: str) -> None:
    """Ask until the answer is good; all others are its absence, said as it is to be said."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (response := httpx.get(api_url + path, timeout=PATIENCE_SECONDS)).status_code != httpx.codes.OK:
        assert response.status_code == httpx.codes.SERVICE_UNAVAILABLE, response.text
        assert time.monotonic() < deadline, "the API did not recover"
        time.sleep(0.1)
