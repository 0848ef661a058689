"""Every route against its own contract: what it says it takes, what it says it answers, and much that it does not."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.clinic import fill_database, serve, settings_of

from hctap_api.main import create_app
from hctap_core.permissions import Role
from hctap_embedded.stack import Stack
from hctap_stores.database.connection import Database
from hctap_stores.database.keys import create_key

pytestmark = pytest.mark.stack

# `make test-schema` asks for more, and for the edges of every value as well.
EXAMPLES = os.environ.get("HCTAP_TEST_SCHEMA_EXAMPLES")
PHASES = "examples,coverage,fuzzing" if EXAMPLES else "examples,fuzzing"
CONFIG = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture(scope="module")
def place(stack: Stack, api_url: str, new_database: Callable[[], str], engine_home: Path) -> Iterator[tuple[str, str]]:
    """An API that asks for keys, over a clinic of this module's own, since what is asked for changes things; a key."""
    assert api_url, "the buckets are there"
    url = new_database()
    fill_database(url)
    with Database(url) as database:
        token = create_key(database, "schema", Role.ADMIN).token
    more = {"HCTAP_API_WORKERS": "1", "HCTAP_HOME": str(engine_home), "HCTAP_API_OPEN": "0"}
    with serve(create_app(settings_of(stack, url, **more, HCTAP_API_REQUESTS_PER_MINUTE="0"))) as address:
        deadline = time.monotonic() + 120
        while httpx.get(f"{address}/ready").status_code != httpx.codes.OK:
            assert time.monotonic() < deadline, "the engine was not loaded in time"
            time.sleep(0.2)
        yield address, token


def test_no_request_brings_a_fault_or_an_answer_that_the_contract_does_not_have(
    place: tuple[str, str], tmp_path: Path
) -> None:
    url, token = place
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG), "run"),
        *(f"{url}/openapi.json", "--no-color", "--checks", "all", "--header", f"Authorization: Bearer {token}"),
        *("--max-examples", EXAMPLES or "2", "--phases", PHASES, "--generation-deterministic"),
        *("--continue-on-failure", "--no-shrink", "--suppress-health-check", "all", "--request-timeout", "60"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=3000, check=False)
    sys.stdout.write(done.stdout[-3000:])
    assert done.returncode == 0, done.stdout[-30000:] + done.stderr[-2000:]
    cases = re.search(r"([\d,]+) generated", done.stdout)
    assert cases is not None
    assert int(cases[1].replace(",", "")) > 100
