from pathlib import Path

import pytest

from hctap_core.errors import SettingsInvalid
from hctap_etl.settings import read_home, read_settings


def test_the_environment_beats_the_folder_beats_the_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = folder / "home"
    home.mkdir()
    stack_env = (
        "HCTAP_DATABASE_URL=postgresql://a\nHCTAP_RAW_BUCKET=bucket-a\nHCTAP_ENRICHED_BUCKET=bucket-a\nOTHER=1\n"
    )
    (home / "stack.env").write_text(stack_env)
    (folder / ".env").write_text("HCTAP_RAW_BUCKET=bucket-b\nHCTAP_ENRICHED_BUCKET=bucket-b\n")
    monkeypatch.setenv("HCTAP_ENRICHED_BUCKET", "bucket-c")
    settings = read_settings(home)
    assert settings.database_url == "postgresql://a"
    assert (settings.lake.raw_bucket, settings.lake.enriched_bucket) == ("bucket-b", "bucket-c")


def test_without_an_emulator_it_is_aws(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    lake = read_settings(folder).lake
    assert (lake.endpoint_url, lake.access_key_id, lake.region, lake.name) == (None, None, "eu-central-1", "AWS")
    assert (lake.raw_bucket, lake.enriched_bucket) == ("hc-tap-raw-notes", "hc-tap-enriched-entities")


def test_the_endpoint_of_s3_alone_beats_that_of_all_services(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://all")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://s3")
    assert read_settings(folder).lake.endpoint_url == "http://s3"


@pytest.mark.parametrize(("name", "value"), [("HCTAP_RAW_BUCKET", "x"), ("HCTAP_LOG_LEVEL", "LOUD")])
def test_nonsense_is_named_and_not_repeated(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid, match=name) as caught:
        read_settings(folder)
    assert f"{value!r}" not in str(caught.value)


def test_secrets_are_not_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    settings = read_settings(folder)
    assert "very-secret" not in repr(settings) + repr(settings.lake)


def test_the_home_may_be_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCTAP_HOME", str(folder / "elsewhere"))
    assert read_home() == folder / "elsewhere"
