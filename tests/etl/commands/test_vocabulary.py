"""A user's vocabularies through the command line."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.command_line import Outcome
from tests.nlp.vocabulary.imports import samples

from hctap_embedded.stack import Stack
from hctap_nlp.vocabulary.imports.shelf import read_cards, remove

Call = Callable[..., Outcome]


@pytest.fixture
def release(folder: Path, stack: Stack) -> Iterator[Path]:
    names = samples.conso("9999999", "RXNORM", "IN", "zorblaxin") + samples.conso("1", "MTHSPL", "SU", "x")
    (folder / "RXNCONSO.RRF").write_text(names)
    (folder / "note.txt").write_text("Zorblaxin 10 mg daily.")
    yield folder / "RXNCONSO.RRF"
    for card in read_cards(stack.home / "vocabulary"):
        remove(stack.home / "vocabulary", card.name)


def test_an_import_is_told_used_shown_and_taken_away(hctap: Call, release: Path) -> None:
    assert "RxCUIs: none. They come only from your own" in hctap("vocabulary", "info").out
    told = hctap("vocabulary", "import", release, "--release", "2025-09-02", "--licence", "ours, 2025")
    assert told.code == 0
    for said in ("rxnorm (rxnorm), release 2025-09-02, licence: ours, 2025", "not of RxNorm itself (SAB)"):
        assert said in told.out
    assert "Reading rxnorm" in told.err
    shown = hctap("vocabulary", "info").out
    for said in (
        "import:rxnorm",
        "2025-09-02",
        "ours, 2025",
        "RxCUIs come from your import",
        "0 ICD-10-CM codes are not",
    ):
        assert said in shown
    assert "RXNORM 9999999 zorblaxin (2025-09-02)" in hctap("explain", "note.txt", "--extractor", "hybrid").out
    assert hctap("vocabulary", "remove", "import:rxnorm").code == 0
    assert "RxCUIs: none" in hctap("vocabulary", "info").out
    assert hctap("vocabulary", "remove", "rxnorm").code == 2


def test_a_file_that_is_nothing_is_refused(hctap: Call, folder: Path) -> None:
    (folder / "x.txt").write_text("hello")
    told = hctap("vocabulary", "import", "x.txt")
    assert told.code == 2
    assert "docs/vocabulary.md" in told.err


def test_a_type_is_asked_for_where_nothing_says_it(hctap: Call, folder: Path, release: Path) -> None:
    assert release.exists()
    (folder / "ours.csv").write_text("term\nzorblax\n")
    assert "--type" in hctap("vocabulary", "import", "ours.csv").err
    assert hctap("vocabulary", "import", "ours.csv", "--type", "TEST", "--as", "csv", "--name", "Our list").code == 0
    assert "import:our-list" in hctap("vocabulary", "info").out
