"""Where the data lives."""

from pathlib import Path

from hctap_core.home import find_home, find_terms


def test_the_environment_wins(tmp_path: Path) -> None:
    assert find_home({"HCTAP_HOME": str(tmp_path / "x")}, tmp_path) == tmp_path / "x"


def test_an_existing_home_above_is_found(tmp_path: Path) -> None:
    (tmp_path / ".hctap").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_home({}, tmp_path / "a" / "b") == tmp_path / ".hctap"


def test_a_new_home_is_made_in_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").touch()
    (tmp_path / "a").mkdir()
    assert find_home({}, tmp_path / "a") == tmp_path / ".hctap"


def test_elsewhere_it_is_the_folder_itself(tmp_path: Path) -> None:
    assert find_home({}, tmp_path) == tmp_path / ".hctap"


def test_own_terms_are_in_the_home_unless_another_folder_is_given(tmp_path: Path) -> None:
    assert find_terms(tmp_path, None) is None
    (tmp_path / "terms").mkdir()
    assert find_terms(tmp_path, None) == tmp_path / "terms"
    assert find_terms(tmp_path, tmp_path / "mine") == tmp_path / "mine"
