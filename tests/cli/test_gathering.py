import json
from pathlib import Path

import pytest

from hctap_cli.gathering import MARK, Gathered, Gathering
from hctap_core.errors import UnsupportedInput


def _gather(*paths: Path, column: str | None = None) -> list[Gathered]:
    gathering = Gathering(paths, column)
    read = [item for _, notes in gathering.read() for item in notes]
    return [*read, *gathering.skipped()]


def _ids(items: list[Gathered]) -> list[str]:
    return [item.note.note_id if item.note else str(item.reason) for item in items]


def _fill(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def test_every_file_is_a_note_or_a_fault_with_its_place(tmp_path: Path) -> None:
    lines = b'{"id": 1, "text": "Fever"}\nnonsense\n'
    _fill(
        tmp_path,
        {
            "a.txt": b"Cough",
            "b/c.jsonl": lines,
            "d.csv": b"id,text\nx,Gout\ny,\n",
            "e.csv": b"a,b\n1,2\n",
            "f.PDF": b"%PDF",
            "g.txt": b"caf\xe9",
            "h": b"?",
        },
    )
    items = _gather(tmp_path)
    assert [(item.origin, name) for item, name in zip(items, _ids(items), strict=True)] == [
        ("a.txt", "a"),
        ("b/c.jsonl:1", "1"),
        ("b/c.jsonl:2", "not_json"),
        ("d.csv:row 1", "x"),
        ("d.csv:row 2", "empty_text"),
        ("e.csv", "unreadable_file"),
        ("g.txt", "not_utf8"),
        ("f.PDF", "unknown_kind"),
        ("h", "unknown_kind"),
    ]
    assert all(item.remedy and item.detail for item in items if not item.note)


def test_notes_of_one_id_stay_apart(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"id": note_id, "text": "Fever"}) + "\n" for note_id in ("1", "1~2", "1", "1"))
    _fill(tmp_path, {"a/1.txt": b"Gout", "b/1.txt": b"Gout", "c.jsonl": lines.encode()})
    assert _ids(_gather(tmp_path)) == ["1", "1~2", "1~3", "1~2~2", "1~4", "1~5"]


def test_results_are_not_read_as_notes(tmp_path: Path) -> None:
    _fill(tmp_path, {"a.txt": b"Gout", f"out/{MARK}": b"{}", "out/entities.csv": b"note_id,text\na,Gout\n"})
    assert _ids(_gather(tmp_path)) == ["a"]
    (tmp_path / "a.txt").unlink()
    with pytest.raises(UnsupportedInput):
        Gathering([tmp_path])


def test_a_file_alone_and_a_column_that_is_named(tmp_path: Path) -> None:
    _fill(tmp_path, {"t.csv": b"Befund,text\nFever,other\n"})
    (item,) = _gather(tmp_path / "t.csv", column="befund")
    assert (item.origin, item.note and item.note.text) == ("t.csv:row 1", "Fever")
