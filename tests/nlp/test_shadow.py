"""The shadow: what is matched, and the way back to the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hctap_nlp.shadow import Shadow, shadow_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Chest PAIN", " chest pain "),
        ("chest\npain", " chest pain "),
        ("chest  pain", " chest pain "),
        ("chest\r\n  pain", " chest pain "),
        ("chest\n\npain", " chest  pain "),  # a blank line parts
        ("chest\nPain", " chest pain "),
        ("Na   140", " na   140 "),  # three spaces part table cells
        ("Ménière’s", " meniere s "),
        ("İstanbul µg", " istanbul μg "),
        ("a-b/c", " a b c "),
        ("", "  "),
    ],
)
def test_shadows(text: str, words: str) -> None:
    assert Shadow(text).words == words


def test_a_term_looks_like_its_shadow() -> None:
    assert shadow_of("Crohn's disease") == Shadow("Crohn's disease").words


@given(st.text(max_size=60), st.data())
def test_offsets_lead_back_to_the_same_word(text: str, data: st.DataObject) -> None:
    shadow = Shadow(text)
    index = data.draw(st.integers(0, max(0, len(shadow.words) - 2)))
    begin, end = shadow.begin_of(index + 1), shadow.end_of(index + 2)
    if index + 2 <= len(shadow.words) - 1:
        assert 0 <= begin < end <= len(text)
        character = text[begin:end]
        expected = shadow.words[index + 1]
        if expected != " ":
            assert len(character) == 1
            assert shadow_of(character)[1] == expected


@given(st.text(alphabet="ab \n\r\t", max_size=60))
def test_every_letter_is_found_at_its_own_place(text: str) -> None:
    shadow = Shadow(text)
    letters = [(shadow.begin_of(i), c) for i, c in enumerate(shadow.words) if c != " "]
    assert letters == [(i, c) for i, c in enumerate(text) if c in "ab"]


@given(st.text(alphabet="ab \n", min_size=1, max_size=40))
def test_an_offset_has_its_index(text: str) -> None:
    shadow = Shadow(text)
    for offset, character in enumerate(text):
        if character in "ab":
            assert shadow.words[shadow.index_of(offset)] == character
