"""The fixtures of the command line's own tests, and the command as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.etl.conftest import (
    call,
    database,
    extractor,
    folder,
    hctap,
    lake,
    meter,
    settings_in_place,
)

__all__ = ["call", "database", "extractor", "folder", "hctap", "lake", "meter", "settings_in_place"]

Spawn = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def spawn(environment: dict[str, str], tmp_path: Path) -> Spawn:
    """Start `hctap-etl` as a process; `before` is a program that it runs first, `more` are further settings."""

    def start(*arguments: str, before: str = "", more: dict[str, str] | None = None) -> "subprocess.Popen[str]":
        # Whoever starts the tests in the background of a script hands down that Ctrl-C is ignored.
        program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        program += f"import sys; sys.argv = {['hctap-etl', *arguments]!r}\n{before}\n"
        program += "from hctap_etl.__main__ import main; main()"
        return subprocess.Popen(
            [sys.executable, "-c", program],
            env=os.environ | environment | (more or {}),
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start
