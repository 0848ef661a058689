"""Remote extractors are off until somebody says otherwise."""

from pathlib import Path

import pytest

from hctap_core.errors import ExtractorUnavailable, SettingsInvalid
from hctap_remote.loading import load_remote_extractor
from hctap_remote.options import REMOTE_EXTRACTORS, RemoteOptions


@pytest.mark.parametrize("name", REMOTE_EXTRACTORS)
def test_off_unless_allowed(name: str, tmp_path: Path) -> None:
    with pytest.raises(ExtractorUnavailable, match="HCTAP_ALLOW_REMOTE"):
        load_remote_extractor(name, RemoteOptions(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_model_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="model"):
        load_remote_extractor("bedrock", RemoteOptions(is_allowed=True, region="us-east-1"), tmp_path)


@pytest.mark.parametrize("name", REMOTE_EXTRACTORS)
def test_allowed_ones_are_loaded_with_their_limit(name: str, vocabulary_folder: Path, vocabulary: object) -> None:
    assert vocabulary
    options = RemoteOptions(is_allowed=True, region="us-east-1", model="m", max_cost=2.5)
    extractor, account = load_remote_extractor(name, options, vocabulary_folder)
    assert extractor.name == name
    assert (account.limit, account.spent) == (2.5, 0.0)


def test_without_a_region_there_is_no_client(vocabulary_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(ExtractorUnavailable, match="AWS_REGION"):
        load_remote_extractor("comprehend", RemoteOptions(is_allowed=True), vocabulary_folder)
