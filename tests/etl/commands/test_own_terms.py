"""A user's own terms through the command line: by option, setting and home."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.command_line import Outcome

from hctap_embedded.stack import Stack

Call = Callable[..., Outcome]


@pytest.fixture
def terms(folder: Path) -> Path:
    path = folder / "ours"
    path.mkdir()
    (path / "ours.yaml").write_text("- {term: zorblax, type: PROBLEM, icd: M10.9}\n")
    (folder / "note.txt").write_text("No zorblax.")
    return path


def test_a_term_is_live_by_option(hctap: Call, terms: Path) -> None:
    told = hctap("explain", "note.txt", "--extractor", "rules", "--terms", terms)
    assert told.code == 0
    assert "user:ours.yaml:1:zorblax" in told.out
    assert "M10.9" in told.out


def test_a_term_is_live_by_setting(hctap: Call, terms: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCTAP_TERMS", str(terms))
    Path("n.jsonl").write_text(json.dumps({"id": "a", "text": "No zorblax."}) + "\n")
    assert hctap("extract", "n.jsonl", "--extractor", "rules", "-o", "out.jsonl").code == 0
    (entity,) = json.loads(Path("out.jsonl").read_text())["entities"]
    assert entity["assertion"]["negated"]
    assert "your own rows" in hctap("vocabulary", "info").out


def test_a_term_is_live_from_the_home(hctap: Call, terms: Path, stack: Stack) -> None:
    home_terms = stack.home / "terms"
    terms.rename(home_terms)
    try:
        assert "zorblax" in hctap("extract", "note.txt", "--extractor", "rules").out
    finally:
        home_terms.rename(terms)


def test_a_wrong_row_is_said_with_file_and_line(hctap: Call, terms: Path) -> None:
    (terms / "ours.yaml").write_text("# ours\n- {term: zorblax}\n")
    told = hctap("explain", "note.txt", "--extractor", "rules", "--terms", terms)
    assert told.code == 2
    assert "ours.yaml line 2: `type` is missing" in told.err
    assert "docs/vocabulary.md" in told.err


def test_a_folder_that_is_given_must_be_there(hctap: Call, terms: Path) -> None:
    assert hctap("explain", "note.txt", "--extractor", "rules", "--terms", terms / "no").code == 2
