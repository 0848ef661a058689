"""`hctap-etl phi`: scores of the guard, and a text without identifiers."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.command_line import Outcome

Call = Callable[..., Outcome]

LINES = [
    {"text": "Mr. Smith has gout.", "entities": [{"start": 4, "end": 9, "label": "PERSON"}]},
    {"text": "Ann has gout.", "entities": [{"begin": 0, "end": 3, "label": "PATIENT"}]},
]


def write_lines(path: Path, lines: Sequence[object]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_scores_of_every_file_of_a_folder(call: Call, folder: Path) -> None:
    write_lines(folder / "one.jsonl", [*LINES])
    write_lines(folder / "two.jsonl", LINES[:1])
    told = call("phi", "score", folder)
    assert told.code == 0
    rows = [line.split() for line in told.out.splitlines() if line.startswith("name")]
    assert rows == [["name", "2", "1", "100.0", "50.0", "50.0"], ["name", "1", "1", "100.0", "100.0", "100.0"]]


@pytest.mark.parametrize(
    "line",
    [
        {"text": "a"},
        {"text": "a", "entities": [{"start": 0, "end": 2, "label": "PERSON"}]},
        {"text": "a", "entities": [7]},
        [],
    ],
    ids=["no entities", "outside", "a number", "a list"],
)
def test_a_line_that_is_none_is_named_by_its_number(call: Call, folder: Path, line: object) -> None:
    write_lines(folder / "bad.jsonl", [LINES[0], line])
    told = call("phi", "score", folder / "bad.jsonl")
    assert told.code == 2
    assert "line 2" in told.err


def test_nothing_to_score(call: Call, folder: Path) -> None:
    assert call("phi", "score", folder).code == 2
    assert call("phi", "score", folder / "nowhere.jsonl").code == 2


def test_redact_writes_the_text_and_counts_on_the_side(call: Call, folder: Path) -> None:
    (folder / "note.txt").write_text("Mr. Smith, MRN 12345.\n")
    told = call("phi", "redact", folder / "note.txt")
    assert (told.code, told.out) == (0, "Mr. [NAME-1], MRN [MRN-1].\n")
    assert "replaced: 1 mrn, 1 name" in told.err
    assert "Smith" not in told.err


def test_redact_refuses_what_is_no_text(call: Call, folder: Path) -> None:
    (folder / "bad.txt").write_bytes(b"\xff")
    assert call("phi", "redact", folder / "bad.txt").code == 2
