"""The API as a process."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from hctap_api.__main__ import main
from hctap_api.settings import Settings
from hctap_stores.database.revisions import upgrade

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
    assert any(line["event"] == "api_asks_nobody_for_a_key" for line in lines)
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
    [
        ("HCTAP_API_HOST", "192.168.0.7", "HCTAP_API_OPEN=1"),
        ("HCTAP_API_PORT", "0", "HCTAP_API_PORT"),
        ("HCTAP_API_TRUSTED_PROXIES", "nobody", "HCTAP_API_TRUSTED_PROXIES"),
    ],
)
def test_settings_that_are_not_allowed_end_it_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, words: str
) -> None:
    monkeypatch.setenv("HCTAP_DATABASE_URL", "postgresql://127.0.0.1:9/hctap")
    monkeypatch.setenv("HCTAP_REDIS_URL", "redis://127.0.0.1:9/0")
    monkeypatch.setenv("HCTAP_API_OPEN", "1")
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["hctap-api"])
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


@pytest.mark.usefixtures("root_logger")
def test_keys_are_made_listed_rotated_and_revoked(
    clinic_settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HCTAP_DATABASE_URL", clinic_settings.database_url)
    monkeypatch.setenv("HCTAP_REDIS_URL", clinic_settings.redis_url)

    def call(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["hctap-api", "keys", *arguments])
        main()
        return capsys.readouterr().out

    made = call("create", "--name", "ward 7", "--role", "reader", "--days", "1", "--scope", "notes:read")
    key_id = made.split()[0]
    token = made.splitlines()[1]
    assert token.startswith(f"hctap_{key_id}_")
    assert "only notes:read" in made
    assert token not in call("list")
    assert f"{key_id}  reader    until" in call("list")
    rotated = call("rotate", key_id)
    assert rotated.splitlines()[1] != token
    assert "only notes:read" in rotated
    assert f"{key_id}  reader    revoked" in call("list")
    assert "is revoked" in call("revoke", rotated.split()[0])
    with pytest.raises(SystemExit) as caught:
        call("revoke", "nobody")
    assert caught.value.code == 2
    with pytest.raises(SystemExit) as caught:
        call("create", "--name", "x", "--role", "emperor")
    assert caught.value.code == 2


def test_the_first_start_makes_an_admins_key_and_shows_it_once(
    clinic_settings: Settings, new_database: Callable[[], str], tmp_path: Path
) -> None:
    url = new_database()
    upgrade(url)
    environment = os.environ | {
        "HCTAP_HOME": str(tmp_path),
        "HCTAP_DATABASE_URL": url,
        "HCTAP_REDIS_URL": clinic_settings.redis_url,
        "HCTAP_API_OPEN": "0",
        "HCTAP_API_WORKERS": "0",
    }
    outputs = []
    for _ in range(2):
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "hctap_api"],
            env=environment | {"HCTAP_API_PORT": str(port)},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert wait_for(f"http://127.0.0.1:{port}/v1/notes").status_code == 401
        finally:
            process.send_signal(signal.SIGTERM)
            outputs.append(process.communicate(timeout=20)[0])
    assert outputs[0].count("hctap_") == 1
    assert outputs[1] == ""


@pytest.mark.usefixtures("root_logger")
def test_a_file_keeps_a_key_that_is_valid(
    clinic_settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("HCTAP_DATABASE_URL", clinic_settings.database_url)
    monkeypatch.setenv("HCTAP_REDIS_URL", clinic_settings.redis_url)
    file = tmp_path / "stack.env"

    def call(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["hctap-api", "keys", *arguments])
        main()
        return capsys.readouterr().out

    keep = ("keep", "--name", "dashboard", "--role", "operator", "--file", str(file))
    assert "holds a new key" in call(*keep)
    held = file.read_text()
    assert held.startswith("HCTAP_API_KEY=hctap_")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "holds its key" in call(*keep)
    assert file.read_text() == held
    assert held.split("_")[-1].strip() not in call("list")
    call("revoke", held.split("_")[3])
    assert "holds a new key" in call(*keep)
    assert file.read_text() != held
