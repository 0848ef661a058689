"""Every command and program of docs/api.md is run as it stands there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
COMMANDS = [
    command
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for command in re.split(r"(?<!\\)\n", block.strip())
]
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_there_is_something_to_run() -> None:
    assert len(COMMANDS) > 20
    assert len(PROGRAMS) == 1


@pytest.mark.stack
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_what_it_says(engine_url: str, command: str) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env={"PATH": os.environ["PATH"], "API": engine_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if "text/csv" in command:
        assert done.stdout.startswith("note_id,run_id,")
    else:
        assert json.loads(done.stdout)


@pytest.mark.stack
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_runs(engine_url: str, program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"API": engine_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0
