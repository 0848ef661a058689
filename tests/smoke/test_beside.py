"""A second stack beside the first, whose stores speak TLS alone, as in the cloud."""

from collections.abc import Iterator

import pytest
from tests.smoke.conftest import Containers, new_stack, remove, run_end_to_end, until_ready

from hctap_client import Client

FILES = "docker-compose.yml:docker-compose.tls.yml"
CA = "sslrootcert=/run/hctap/ca.pem"


@pytest.fixture(scope="module")
def second(containers: Containers) -> Iterator[Containers]:  # noqa: ARG001 - the images are built by then
    """The stack with TLS, up, while the first one is."""
    stack = new_stack("hctap-smoke-tls", COMPOSE_FILE=FILES)
    remove(stack)
    try:
        stack.up()
        yield stack
    finally:
        remove(stack)


def test_both_have_their_own_run(containers: Containers, second: Containers) -> None:
    found = []
    for stack in (containers, second):
        with Client(stack.api_url, 30, key=stack.key()) as client:
            found.append((client.latest_run().run_id, client.latest_run().counts.notes))
            until_ready(client)
    assert found[0][0] != found[1][0]
    assert found[0][1] == found[1][1]


def test_every_program_speaks_tls_to_the_database(second: Containers) -> None:
    query = (
        "SELECT bool_and(ssl), count(*) > 0 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
        "WHERE client_addr IS NOT NULL"
    )
    said = second.inside("postgres", "psql", "-U", "hctap", "-d", "hctap", "-tAc", query)
    assert said.strip() == "t|t"


def test_the_end_to_end_tests_pass_over_tls(second: Containers) -> None:
    print(f"\nend to end over TLS: {run_end_to_end(second)}")  # noqa: T201 - how many passed is of interest


@pytest.mark.parametrize(
    "place",
    ["postgres:5432/hctap?sslmode=disable", f"hctap-smoke-tls-postgres-1:5432/hctap?sslmode=verify-full&{CA}"],
    ids=["plain", "another name"],
)
def test_who_does_not_verify_is_not_let_in(second: Containers, place: str) -> None:
    url = f"postgresql://hctap:x@{place}"
    command = ("run", "--rm", "--no-TTY", "--no-deps", "--env", f"HCTAP_DATABASE_URL={url}", "migrate")
    said = second.compose(*command, check=False)
    assert said.returncode == 4
    assert "error: " in said.stderr
