"""Spans from the shown text back to the stored one."""

import pytest

from hctap_dashboard.spans import locate, shown_places

TEXT = "One\r\ntwo 😀 three.\rFour\n"
SHOWN = TEXT.replace("\r\n", "\n").replace("\r", "\n")


def test_every_shown_character_leads_to_its_stored_one() -> None:
    places = shown_places(TEXT)
    assert len(places) == len(SHOWN) + 1
    assert all(TEXT[place] in {letter, "\r"} for place, letter in zip(places, SHOWN, strict=False))


@pytest.mark.parametrize("word", ["One", "two", "😀", "three", "Four"])
def test_a_word_is_found_where_it_is_stored(word: str) -> None:
    begin = SHOWN.index(word)
    found = locate(TEXT, {"begin": begin, "end": begin + len(word)})
    assert found is not None
    assert TEXT[slice(*found)] == word


def test_blanks_at_the_ends_are_left_out() -> None:
    begin = SHOWN.index("two") - 1
    found = locate(TEXT, {"begin": begin, "end": begin + 5})
    assert found is not None
    assert TEXT[slice(*found)] == "two"


def test_a_click_is_a_place() -> None:
    assert locate(TEXT, {"begin": 4, "end": 4}) == (5, 5)


@pytest.mark.parametrize(
    "selected", [None, 3, {}, {"begin": -1, "end": 2}, {"begin": 3, "end": 1}, {"begin": 0, "end": 999}, {"begin": "0"}]
)
def test_what_is_no_selection_is_none(selected: object) -> None:
    assert locate(TEXT, selected) is None


def test_blanks_alone_are_none() -> None:
    begin = SHOWN.index(" ")
    assert locate(TEXT, {"begin": begin, "end": begin + 1}) is None
