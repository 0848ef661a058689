"""Every command and program of docs/api.md is run as it stands there."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console
from tests.api.conftest import open_engine
from tests.clinic import LATEST_RUN, fill_database, lake_of, settings_of

from hctap_cli.progress import Meter
from hctap_core.exports import ExportForm, ExportOrder
from hctap_embedded.stack import Stack
from hctap_etl.delivering import deliver_export
from hctap_stores.database import exports
from hctap_stores.database.connection import Database

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
COMMANDS = [
    command
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for command in re.split(r"(?<!\\)\n", block.strip())
]
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def own_url(stack: Stack, api_url: str, new_database: Callable[[], str], engine_home: Path) -> Iterator[str]:
    """An API with an engine over a clinic of this page's own, since its commands change things."""
    assert api_url, "the buckets are there"
    database = new_database()
    fill_database(database)
    with Database(database) as opened:
        # The page fetches what a worker has written.
        made = exports.order_export(opened, ExportOrder(form=ExportForm.CSV, run_id=LATEST_RUN), "tests")
        deliver_export(lake_of(settings_of(stack, database)), opened, made.export_no, Meter(Console(quiet=True)))
    with open_engine(stack, database, engine_home) as url:
        yield url


def test_there_is_something_to_run() -> None:
    assert len(COMMANDS) > 20
    assert len(PROGRAMS) == 1


@pytest.mark.stack
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_what_it_says(own_url: str, command: str) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env={"PATH": os.environ["PATH"], "API": own_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if "text/csv" in command or command.endswith(".csv"):
        assert "note_id" in done.stdout.splitlines()[0].split(",")
    elif "text/event-stream" in command:
        assert done.stdout.startswith("event: ")
    elif "x-ndjson" in command:
        assert [json.loads(line)["text"] for line in done.stdout.splitlines()]
    elif "/metrics" in command:
        assert "\nhctap_database_up 1.0" in done.stdout
    else:
        assert json.loads(done.stdout)


@pytest.mark.stack
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_runs(own_url: str, program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"API": own_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0
