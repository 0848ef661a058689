import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hctap_cli.outputs import tables
from hctap_cli.outputs.columns import Column, Layout
from hctap_cli.outputs.tables import Row, TableWriter, tame

LAYOUT = Layout(
    "facts",
    (
        Column("words", "words", "w"),
        Column("number", "number", "n"),
        Column("score", "score", "s"),
        Column("flag", "flag", "f"),
    ),
)
ROWS: list[Row] = [
    {"words": "=HYPERLINK(1)", "number": -1, "score": 0.5, "flag": True},
    {"words": 'a "b", c\nd', "number": None, "score": None, "flag": False},
    {"number": 3},
    {"words": "Fièvre µg", "number": 2**40, "score": 1.0, "flag": None},
]


def _write(folder: Path, rows: list[Row]) -> None:
    writer = TableWriter(folder, LAYOUT)
    for row in rows:
        writer.add([row])
    writer.close()


def test_both_files_hold_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_ROWS_OF_A_BATCH", 3)
    _write(tmp_path, ROWS)
    whole = [{column.name: row.get(column.name) for column in LAYOUT.columns} for row in ROWS]
    # read by another implementation than the one that wrote it
    assert pq.read_table(tmp_path / "facts.parquet").to_pylist() == whole
    with (tmp_path / "facts.csv").open(encoding="utf-8-sig", newline="") as stream:
        read = list(csv.DictReader(stream))
    assert [row["words"] for row in read] == ["'=HYPERLINK(1)", 'a "b", c\nd', "", "Fièvre µg"]
    assert [row["number"] for row in read] == ["-1", "", "3", str(2**40)]
    assert [row["flag"] for row in read] == ["true", "false", "", ""]
    assert (tmp_path / "facts.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_same_rows_give_the_same_bytes_and_no_draft_stays(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        _write(tmp_path / name, ROWS)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == ["facts.csv", "facts.parquet"]
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in files)


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    _write(tmp_path, [])
    assert pq.read_table(tmp_path / "facts.parquet").column_names == [column.name for column in LAYOUT.columns]


def test_what_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    writer = TableWriter(tmp_path, LAYOUT)
    writer.add(ROWS)
    writer.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])  # noqa: RUF001 - wide signs
def test_no_spreadsheet_runs_a_cell(words: str) -> None:
    assert tame(words) == f"'{words}"


@pytest.mark.parametrize("words", ["", "1-2", "a=b", "chest pain", "'"])
def test_other_cells_stay_as_they_are(words: str) -> None:
    assert tame(words) == words
