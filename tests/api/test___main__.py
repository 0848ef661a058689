"""The API as a process."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hctap_api.__main__ import main
from hctap_api.settings import Settings

pytestmark = pytest.mark.stack


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_it_serves_until_it_is_told_to_stop_and_logs_json(clinic_settings: Settings, tmp_path: Path) -> None:
    port = free_port()
    environment = os.environ | {
        "HCTAP_HOME": str(tmp_path),
        "HCTAP_DATABASE_URL": clinic_settings.database_url,
        "HCTAP_REDIS_URL": clinic_settings.redis_url,
        "HCTAP_API_PORT": str(port),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "hctap_api"], env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    try:
        response = wait_for(f"http://127.0.0.1:{port}/v1/notes/cardiology-1?run_id=")
        assert response.status_code == 422
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    lines = [json.loads(line) for line in errors.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["status"] for line in requests] == [422]
    assert any(line["event"] == "api_without_sign_in_on_loopback" for line in lines)
    assert "run_id=" not in errors


@pytest.fixture
def root_logger() -> Iterator[None]:
    """The root logger, put back as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("root_logger")
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("HCTAP_API_HOST", "192.168.0.7", "HCTAP_API_OPEN=1"), ("HCTAP_API_PORT", "0", "HCTAP_API_PORT")],
)
def test_settings_that_are_not_allowed_end_it_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, words: str
) -> None:
    monkeypatch.setenv("HCTAP_DATABASE_URL", "postgresql://127.0.0.1:9/hctap")
    monkeypatch.setenv("HCTAP_REDIS_URL", "redis://127.0.0.1:9/0")
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert words in capsys.readouterr().err


def wait_for(url: str) -> httpx.Response:
    deadline = time.monotonic() + 30
    while True:
        try:
            return httpx.get(url)
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
