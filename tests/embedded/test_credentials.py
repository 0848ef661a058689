from pathlib import Path

import pytest

from hctap_embedded.credentials import CREDENTIALS, ensure_credentials


def test_credentials_are_made_once(tmp_path: Path) -> None:
    first = ensure_credentials(tmp_path)
    assert ensure_credentials(tmp_path) == first
    assert (tmp_path / CREDENTIALS).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"database_password": "x"}', "\x00"])
def test_a_broken_file_is_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / CREDENTIALS).write_text(content, encoding="utf-8")
    credentials = ensure_credentials(tmp_path)
    assert ensure_credentials(tmp_path) == credentials


def test_every_home_has_its_own(tmp_path: Path) -> None:
    homes = [tmp_path / "a", tmp_path / "b"]
    for home in homes:
        home.mkdir()
    one, other = (vars(ensure_credentials(home)) for home in homes)
    assert not set(one.values()) & set(other.values())


def test_values_stand_in_urls_as_they_are_and_in_no_trace(tmp_path: Path) -> None:
    credentials = ensure_credentials(tmp_path)
    assert all(value.isalnum() and value.isascii() for value in vars(credentials).values())
    assert credentials.database_password not in repr(credentials)
