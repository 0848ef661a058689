"""The suite on the command line."""

from collections.abc import Callable
from pathlib import Path

from tests.command_line import Outcome

Call = Callable[..., Outcome]
ROWS = """negation_plain:
  - id: a
    text: No [[gout||PROBLEM negated]].
  - id: b
    part: test
    text: No [[fever||PROBLEM]] today.
sigs:
  - id: c
    text: "[[ASA||MEDICATION id=m]] [[qd||FREQUENCY of=m norm=1/d]]"
"""


def test_suite_shows_both_parts_and_what_was_wrong(hctap: Call, folder: Path) -> None:
    (folder / "some.yaml").write_text(ROWS, encoding="utf-8")
    told = hctap("suite", folder, "--failures")
    assert told.code == 0
    assert "100.0 100.0 100.0   1/1/1" in told.out
    assert "b (test) No fever today." in told.out
    assert 'negated of "fever": wanted -, given yes' in told.out
    assert "a (dev)" not in told.out


def test_suite_asks_one_part(hctap: Call, folder: Path) -> None:
    (folder / "some.yaml").write_text(ROWS, encoding="utf-8")
    told = hctap("suite", folder / "some.yaml", "--part", "test", "--failures")
    assert "dev" not in told.out
    assert "negation plain" in told.out


def test_suite_says_when_there_is_none(hctap: Call, folder: Path) -> None:
    assert hctap("suite", folder).code == 2
    assert hctap("suite", folder / "away.yaml").code == 2
