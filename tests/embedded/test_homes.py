"""The folder that a stack lives in: what it needs, what is said where it cannot be, and what of it is left."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from hctap_core.errors import StorePartUnavailable
from hctap_embedded.stack import STORES, Stack


def test_a_new_home_needs_room(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hctap_embedded.stack.shutil.disk_usage", lambda _: SimpleNamespace(free=50 << 20))
    with pytest.raises(StorePartUnavailable, match="has 50 MB left") as caught:
        Stack(home).up()
    assert "HCTAP_HOME" in (caught.value.remedy or "")


def test_a_home_that_cannot_be_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorePartUnavailable, match="Not a directory"):
        Stack(tmp_path / "file" / "home").up()


def test_another_system_is_told_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hctap_embedded.stack.sys.platform", "win32")
    with pytest.raises(StorePartUnavailable, match="win32"):
        Stack(home).up()


def test_a_home_without_a_stack_has_no_addresses(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "home")
    assert {status.state for status in stack.status() if status.name in STORES} == {"stopped"}
    assert stack.down() == []
    with pytest.raises(StorePartUnavailable, match="no stack"):
        stack.addresses()
    assert not (tmp_path / "home").exists(), "looking makes nothing"


def test_erasing_leaves_what_is_not_the_stacks(home: Path) -> None:
    stack = Stack(home)
    (home / "diary").touch()
    stack.up(["valkey"])
    stack.erase()
    assert [path.name for path in home.iterdir()] == ["diary"]
