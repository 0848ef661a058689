"""The stack from the outside: what runs, what is found again, what survives."""

import subprocess

from hctap_embedded.stack import STORES, Stack
from hctap_embedded.wheels import postgres_program


def test_the_stores_of_the_session_run(stack: Stack) -> None:
    states = {status.name: status.state for status in stack.status()}
    assert {name: states[name] for name in STORES} == dict.fromkeys(STORES, "running")


def test_each_module_has_a_database_of_its_own(database_url: str) -> None:
    name = database_url.rpartition("/")[2]
    psql = [str(postgres_program("psql")), "-X", "-A", "-t", "-d", database_url, "-c", "SELECT current_database()"]
    assert subprocess.run(psql, check=True, capture_output=True, text=True).stdout.strip() == name
