"""The vocabulary of the command line for one's own notes."""

from collections.abc import Callable
from pathlib import Path

from tests.command_line import Outcome

Call = Callable[..., Outcome]


def test_a_list_of_ones_own_is_used_until_it_is_taken_away(hctap: Call, folder: Path) -> None:
    (folder / "ours.csv").write_text("term,type,code,system\nzorblax,PROBLEM,M10.9,ICD-10-CM\n")
    (folder / "note.txt").write_text("No zorblax.")
    assert hctap("vocabulary", "import", "ours.csv").code == 0
    try:
        # The hybrid is loaded afresh; the rules of the tests are loaded once.
        assert "import:ours:zorblax" in hctap("explain", "note.txt", "--extractor", "hybrid").out
        assert "import:ours" in hctap("vocabulary", "info").out
    finally:
        assert hctap("vocabulary", "remove", "ours").code == 0
    assert "zorblax" not in hctap("explain", "note.txt", "--extractor", "hybrid").out.partition("zorblax.")[2]
