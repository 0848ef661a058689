"""Every form over a real run: whole, valid, the same bytes twice, with offsets that lead back to the text."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.command_line import Outcome
from tests.etl.exports.conftest import NOTES

from hctap_etl.exports.forms import Form
from hctap_stores.database import runs
from hctap_stores.database.connection import Database

Call = Callable[..., Outcome]
TEXTS = {note["note_id"]: note["text"] for note in NOTES}


@pytest.mark.parametrize("form", list(Form))
def test_the_same_run_gives_the_same_bytes(finished: Call, folder: Path, form: Form) -> None:
    first = finished("export", "latest", "--format", form, "--out", "one")
    assert (first.code, "4 notes" in first.out) == (0, True), first.err
    assert finished("export", "R", "--format", form, "--out", "two").code == 0
    written = {path.name: path.read_bytes() for path in (folder / "one").iterdir()}
    assert written == {path.name: path.read_bytes() for path in (folder / "two").iterdir()}
    described = json.loads(written.pop("export.json"))
    assert (described["run_id"], described["notes"], described["format"]) == ("R", 4, form.value)
    assert {file["name"]: file["sha256"] for file in described["files"]} == {
        name: hashlib.sha256(data).hexdigest() for name, data in written.items()
    }


def test_offsets_in_the_tables_lead_back_to_the_text(finished: Call, folder: Path) -> None:
    finished("export", "R", "--format", "csv", "--out", "c")
    finished("export", "R", "--format", "parquet", "--out", "p")
    tables = ("notes", "entities", "attributes", "codes", "sections")
    from_csv = {
        name: list(csv.DictReader(io.StringIO((folder / f"c/{name}.csv").read_bytes().decode()))) for name in tables
    }
    from_parquet = {name: pq.read_table(folder / f"p/{name}.parquet").to_pylist() for name in tables}
    for name in tables:
        assert len(from_csv[name]) == len(from_parquet[name]) > 0, name
        assert list(from_csv[name][0]) == list(from_parquet[name][0])
    for name in ("entities", "attributes"):
        for text_row, row in zip(from_csv[name], from_parquet[name], strict=True):
            assert TEXTS[row["note_id"]][row["begin"] : row["end"]] == row["text"] == text_row["text"]
            assert int(text_row["begin"]) == row["begin"]
    assert {row["note_id"] for row in from_parquet["entities"]} == {"a & b", "b", "dup"}
    assert {row["duplicate_of"] for row in from_parquet["notes"]} == {None, "b"}
    row = from_csv["notes"][0]
    assert (row["note_type"], row["authored_at"], row["characters"]) == (
        'consult, "urgent"',
        "2025-04-23T01:30:00Z",
        str(len(TEXTS["a & b"])),
    )
    assert from_parquet["notes"][0]["authored_at"].isoformat() == "2025-04-23T01:30:00+00:00"


def test_csv_tells_no_value_from_an_empty_text(finished: Call, folder: Path) -> None:
    finished("export", "R", "--format", "csv", "--out", "c")
    lines = (folder / "c/notes.csv").read_text().splitlines()
    assert '"b","Cardiology",,,' in lines[2]
    entities = (folder / "c/entities.csv").read_text()
    assert ",true," in entities
    assert ',"",' not in entities


def test_only_some_notes(finished: Call, folder: Path) -> None:
    (folder / "ids.txt").write_text("dup\n\né-none\nunknown\n")
    outcome = finished("export", "R", "--format", "comprehend", "--out", "x", "--notes", "ids.txt")
    assert (outcome.code, "1 of the notes asked for are not in the run" in outcome.out) == (3, True)
    lines = (folder / "x/comprehend.jsonl").read_text().splitlines()
    assert [json.loads(line)["NoteId"] for line in lines] == ["dup", "é-none"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("export", "X", "--format", "csv", "--out", "o"), 2, "There is no run 'X'"),
        (("export", "LEFT", "--format", "csv", "--out", "o"), 5, "is not finished"),
        (("export", "R", "--format", "csv", "--out", "notes.jsonl"), 2, "cannot be written"),
        (("export", "R", "--format", "csv", "--out", "o", "--notes", "none.txt"), 2, "cannot be read"),
        (("export", "R", "--format", "xml", "--out", "o"), 2, "Invalid value"),
    ],
)
def test_what_cannot_be_exported(
    finished: Call, database: Database, folder: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    runs.create_run(database, "LEFT", runs.find_run(database, "R").run.pipeline)
    outcome = finished(*arguments)
    assert (outcome.code, words in outcome.err) == (code, True), outcome.err
    assert not (folder / "o").exists()


def test_an_export_that_fails_leaves_the_earlier_one(
    finished: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished("export", "R", "--format", "csv", "--out", "o")
    before = {path.name: path.read_bytes() for path in (folder / "o").iterdir()}

    def full(_: object, __: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hctap_etl.exports.csv_files.CsvExport.write", full)
    outcome = finished("export", "R", "--format", "csv", "--out", "o")
    assert (outcome.code, "No space left on device" in outcome.err) == (2, True)
    assert {path.name: path.read_bytes() for path in (folder / "o").iterdir()} == before
