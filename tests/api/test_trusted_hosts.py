"""Which hosts the API answers to."""

import httpx
import pytest
from fastapi import FastAPI
from tests.clinic import serve

from hctap_api.envelope import Envelope
from hctap_api.trusted_hosts import TrustedHosts


def ask(host: str, *hosts: str) -> httpx.Response:
    app = FastAPI()

    @app.get("/health")
    async def health() -> str:
        return "alive"

    app.add_middleware(TrustedHosts, hosts=hosts)
    app.add_middleware(Envelope)
    with serve(app) as url:
        return httpx.get(f"{url}/health", headers={"Host": host})


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:8000", 200),
        ("LOCALHOST:8000", 200),
        ("[::1]:8000", 200),
        ("api.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("evil.example:8000", 400),
        ("[::1", 400),
        ("", 400),
    ],
)
def test_only_the_hosts_of_the_list_are_answered(host: str, status: int) -> None:
    response = ask(host, "127.0.0.1", "localhost", "::1")
    assert response.status_code == status
    if status == 400:
        assert response.json()["type"] == "urn:hctap:problem:untrusted-host"
        assert response.json()["request_id"] == response.headers["x-request-id"]


def test_a_star_lets_every_host_in() -> None:
    assert ask("api.example", "*").status_code == 200
