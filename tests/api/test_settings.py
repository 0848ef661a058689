"""What the environment says to the API."""

from pathlib import Path

import pytest

from hctap_api.settings import read_settings
from hctap_core.errors import SettingsInvalid

DATABASE = "postgresql://hctap:x@127.0.0.1:1/hctap"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, with the stack's file in it."""
    monkeypatch.setenv("HCTAP_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir()
    lines = (f"HCTAP_DATABASE_URL={DATABASE}", "HCTAP_REDIS_URL=redis://127.0.0.1:1/0", "HCTAP_API_PORT=8001")
    (tmp_path / "home" / "stack.env").write_text("\n".join((*lines, "AWS_ENDPOINT_URL=http://127.0.0.1:2", "")))
    return tmp_path / "home"


def test_the_stacks_own_file_is_enough() -> None:
    settings = read_settings()
    assert (settings.database_url, settings.api_port, settings.api_host) == (DATABASE, 8001, "127.0.0.1")
    assert settings.s3_endpoint == "http://127.0.0.1:2"
    assert settings.api_open is None


def test_the_environment_goes_before_the_working_folders_file_and_that_before_the_stacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("HCTAP_API_PORT=8002\nHCTAP_RAW_BUCKET=from-file\n")
    assert read_settings().api_port == 8002
    monkeypatch.setenv("HCTAP_API_PORT", "8003")
    monkeypatch.setenv("HCTAP_RAW_BUCKET", "")
    settings = read_settings()
    assert (settings.api_port, settings.raw_bucket) == (8003, "from-file")


def test_hosts_are_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCTAP_API_ALLOWED_HOSTS", "api, api.example ,")
    assert read_settings().api_allowed_hosts == ("api", "api.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HCTAP_API_PORT", "70000"),
        ("HCTAP_API_PORT", "http"),
        ("HCTAP_API_OPEN", "perhaps"),
        ("HCTAP_READY_LIMIT_SECONDS", "0"),
        ("HCTAP_LOG_LEVEL", "LOUD"),
        ("HCTAP_DATABASE_CONNECTIONS", "0"),
    ],
)
def test_nonsense_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid, match=name) as caught:
        read_settings()
    assert value not in str(caught.value).replace(name, "")


def test_a_missing_database_is_said_with_the_remedy(home: Path) -> None:
    name = "HCTAP_DATABASE_URL"
    lines = (home / "stack.env").read_text().splitlines()
    (home / "stack.env").write_text("\n".join(line for line in lines if not line.startswith(name)))
    with pytest.raises(SettingsInvalid, match=f"{name} is not set.*make up"):
        read_settings()
