"""Systems answer in processes of their own; what fails is said, and never with a text."""

import sys
from pathlib import Path

import pytest
from benchmarks.documents import Document, Mention
from benchmarks.environments import PeerUnavailable, Workshop
from benchmarks.systems import Answers, ask, prepare, to_extract, to_read, to_time

ROOT = Path(__file__).parents[2]
TEXT = "No fever today."
DOCUMENT = Document("d", TEXT, (Mention(3, 8, "PROBLEM", frozenset({"negated"})),), None, "d", (0, len(TEXT)))
REQUESTS = [to_extract(DOCUMENT), to_read(DOCUMENT), to_time([DOCUMENT], 0.01)]


def _command(how: str) -> list[str]:
    program = str(ROOT / "tests" / "benchmarks" / "fake_system.py")
    return [sys.executable, program, "--terms", "none.csv", "--work", "none", "--how", how]


def _ask(how: str) -> Answers:
    counted: list[int] = []
    answers = ask(_command(how), ROOT, REQUESTS, counted.append)
    assert sum(counted) == len(REQUESTS)
    return answers


def test_answers_come_with_what_they_cost() -> None:
    answers = _ask("well")
    assert answers.records["extract:d"]["entities"] == [{"begin": 3, "end": 8, "entity_type": "PROBLEM"}]
    assert answers.records["read:d"]["entities"][0]["assertion"] == {"negated": True}
    assert (answers.violations, answers.errors, set(answers.packages)) == (0, {}, {"pytest"})
    assert answers.first_s is not None
    assert answers.first_s > 0
    assert answers.peak_mb is not None
    assert 0 < answers.peak_mb < 100  # of that program alone, not of the one that started it
    assert answers.characters_per_s is not None
    assert answers.characters_per_s > 0


def test_a_system_without_extraction_is_timed_on_spans() -> None:
    answers = _ask("no-extraction")
    assert "extract:d" not in answers.records
    assert answers.timed is not None
    assert answers.timed["extracts"] is False


def test_an_error_on_a_text_is_named_by_its_class_alone() -> None:
    answers = _ask("raise")
    assert answers.errors == {"extract:d": "ValueError"}
    assert "read:d" in answers.records
    assert answers.characters_per_s is None


def test_a_span_outside_its_text_is_counted() -> None:
    assert _ask("beyond").violations == 1


def test_a_program_that_does_not_start_says_why() -> None:
    with pytest.raises(PeerUnavailable, match="RuntimeError: the model is missing"):
        _ask("broken")
    with pytest.raises(PeerUnavailable, match="the model is missing"):
        prepare(_command("broken"), ROOT, seconds=60)


def test_a_program_that_ends_early_says_nothing_of_the_text() -> None:
    with pytest.raises(PeerUnavailable) as caught:
        _ask("exit")
    assert caught.value.message == "ended with 3 after 0 answers"


def test_a_program_that_takes_too_long_is_ended() -> None:
    with pytest.raises(PeerUnavailable, match="in time"):
        ask(_command("well"), ROOT, [to_time([DOCUMENT], 60)], lambda _: None, seconds=1.5)


def test_an_environment_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    with pytest.raises(PeerUnavailable, match="uv cannot be run"):
        Workshop(ROOT, tmp_path, str(tmp_path / "no-uv")).python_of("openmed")
