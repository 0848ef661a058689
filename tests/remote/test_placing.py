"""Answers in their places: whatever a service counts, and whatever stands there twice."""

import pytest

from hctap_remote.placing import Aligner, place
from hctap_remote.windows import Window

TEXT = "Café 😀 fever, then fever again. \nDenies chest\npain."
WHOLE = Window(0, len(TEXT), 0)


@pytest.mark.parametrize("encoding", ["points", "utf-8", "utf-16-le"])
@pytest.mark.parametrize("nth", [0, 1])
def test_offsets_of_every_kind_lead_to_the_words(encoding: str, nth: int) -> None:
    begin = TEXT.index("fever") if nth == 0 else TEXT.rindex("fever")
    before, words = TEXT[:begin], "fever"
    if encoding == "points":
        offsets = (begin, begin + 5)
    else:
        size = 2 if encoding == "utf-16-le" else 1
        offsets = (len(before.encode(encoding)) // size, len((before + words).encode(encoding)) // size)
    assert place(TEXT, WHOLE, *offsets, words) == (begin, begin + 5)


def test_offsets_count_from_the_window() -> None:
    window = Window(7, len(TEXT), 7)
    assert place(TEXT, window, 0, 5, "fever") == (7, 12)
    assert place(TEXT, window, 0, 5, None) == (7, 12)


@pytest.mark.parametrize(
    ("begin", "end", "words"), [(0, 5, "gout"), (0, 500, None), (5, 5, None), (-3, 2, None), (0, 4, " ")]
)
def test_what_stands_nowhere_has_no_place(begin: int, end: int, words: str | None) -> None:
    assert place(TEXT, WHOLE, begin, end, words) is None


def test_words_off_by_a_little_are_found() -> None:
    assert place(TEXT, WHOLE, 2, 7, "again") == (TEXT.index("again"), TEXT.index("again") + 5)


def test_quotations_take_their_places_one_after_the_other() -> None:
    aligner = Aligner(TEXT, WHOLE)
    first, second = TEXT.index("fever"), TEXT.rindex("fever")
    assert aligner.find("fever") == (first, first + 5)
    assert aligner.find("Fever") == (second, second + 5)
    assert aligner.find("fever") is None
    assert aligner.find("chest pain") == (TEXT.index("chest"), TEXT.index("pain") + 4)
    assert aligner.find("Café") == (0, 4)
    assert aligner.find(" ") is None
    assert aligner.find("a.c") is None
