"""What the environment says to the dashboard."""

from pathlib import Path

import pytest

from hctap_core.errors import SettingsInvalid
from hctap_dashboard.settings import read_settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of the test's own."""
    monkeypatch.setenv("HCTAP_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_defaults_are_this_machine() -> None:
    settings = read_settings()
    assert (settings.api_url, settings.dashboard_host, settings.dashboard_port) == (
        "http://127.0.0.1:8000",
        "127.0.0.1",
        8501,
    )


def test_the_stacks_file_and_the_environment_are_read_in_that_order(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "stack.env").write_text("HCTAP_API_URL=http://127.0.0.1:1\nHCTAP_DASHBOARD_PORT=2\nAWS_REGION=x\n")
    monkeypatch.setenv("HCTAP_DASHBOARD_PORT", "3")
    settings = read_settings()
    assert (settings.api_url, settings.dashboard_port) == ("http://127.0.0.1:1", 3)


def test_nonsense_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCTAP_DASHBOARD_PORT", "high")
    with pytest.raises(SettingsInvalid, match="HCTAP_DASHBOARD_PORT"):
        read_settings()
