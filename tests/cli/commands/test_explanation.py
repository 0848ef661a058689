from collections.abc import Callable
from pathlib import Path

from tests.command_line import Outcome


def test_a_note_is_explained(hctap: Callable[..., Outcome], folder: Path) -> None:
    (folder / "note.txt").write_text("Denies chest pain.")
    told = hctap("explain", "note.txt", "--extractor", "rules")
    assert told.code == 0
    assert "negated.forward:denies" in told.out
    assert hctap("explain", "missing.txt").code == 2
