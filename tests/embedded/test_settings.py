from pathlib import Path

import pytest

from hctap_core.errors import SettingsInvalid
from hctap_embedded.settings import read_s3_server_settings, read_stack_settings


def test_the_home_and_the_ports_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HCTAP_HOME", str(tmp_path))
    monkeypatch.setenv("HCTAP_API_PORT", "8123")
    settings = read_stack_settings()
    assert settings.home == tmp_path
    assert settings.wanted_ports == {"api": 8123}
    assert settings.environ["HCTAP_API_PORT"] == "8123"


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1", "8000 "])
def test_what_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HCTAP_DASHBOARD_PORT", value)
    with pytest.raises(SettingsInvalid, match="HCTAP_DASHBOARD_PORT"):
        read_stack_settings()


def test_the_s3_service_is_told_by_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("S3_DATA_DIR", "/data")
    settings = read_s3_server_settings()
    assert (settings.access_key_id, settings.data_folder) == ("key", Path("/data"))
