from pathlib import Path

import pytest

from hctap_embedded.files import read_tail, sweep, write_whole


def test_write_replaces_the_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_whole(path, "first")
    write_whole(path, "sécond")
    assert path.read_text(encoding="utf-8") == "sécond"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("since", "limit", "tail"),
    [(0, 100, "0123456789"), (0, 3, "789"), (8, 100, "89"), (8, 1, "9"), (99, 100, "0123456789")],
)
def test_tail_ends_the_log(tmp_path: Path, since: int, limit: int, tail: str) -> None:
    path = tmp_path / "log"
    path.write_text("0123456789", encoding="ascii")
    assert read_tail(path, since=since, limit=limit) == tail


def test_tail_of_no_log_is_empty(tmp_path: Path) -> None:
    assert read_tail(tmp_path / "log") == ""


def test_only_left_overs_are_swept(tmp_path: Path) -> None:
    for name in (".stack.json.7.hctap-new", ".bashrc", "stack.json"):
        (tmp_path / name).touch()
    for name in (".hctap-probe-x", ".ssh", "postgres"):
        (tmp_path / name).mkdir()
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".bashrc", ".ssh", "postgres", "stack.json"]
