from pathlib import Path

import pytest

from hctap_cli.settings import find_cache, read_log_level, read_terms
from hctap_core.errors import SettingsInvalid

HOME = Path("~").expanduser()


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({"HCTAP_HOME": "/srv/hctap", "XDG_CACHE_HOME": "/c"}, "linux", Path("/srv/hctap")),
        ({"XDG_CACHE_HOME": "/c"}, "linux", Path("/c/hctap")),
        ({"XDG_CACHE_HOME": "relative"}, "linux", HOME / ".cache/hctap"),
        ({}, "linux", HOME / ".cache/hctap"),
        ({}, "darwin", HOME / "Library/Caches/hctap"),
        ({"LOCALAPPDATA": "/local"}, "win32", Path("/local/hctap")),
    ],
    ids=["told", "by the system", "not absolute", "nothing said", "macOS", "Windows"],
)
def test_the_cache_lies_where_the_system_wants_it(environ: dict[str, str], platform: str, expected: Path) -> None:
    assert find_cache(environ, platform) == expected


def test_a_log_level_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCTAP_LOG_LEVEL", "LOUD")
    with pytest.raises(SettingsInvalid):
        read_log_level("INFO")
    monkeypatch.setenv("HCTAP_LOG_LEVEL", "")
    assert read_log_level("INFO") == "INFO"


def test_own_terms_are_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCTAP_TERMS", "")
    assert read_terms() is None
    monkeypatch.setenv("HCTAP_TERMS", "/srv/terms")
    assert read_terms() == Path("/srv/terms")
