"""Surrogates, and the way back to the raw text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hctap_core.phi import PhiKind, PhiSpan
from hctap_nlp.phi.finding import load_finder
from hctap_nlp.phi.surrogates import Surrogate, replace_identifiers, surrogate_from_record

TEXT = "Mr. Smith, MRN 0012345, has gout. Mrs. SMITH and Dr. Wu came on 6/10/2023."


def surrogate_of(text: str) -> Surrogate:
    return replace_identifiers(text, load_finder().find(text))


def test_the_same_words_get_the_same_surrogate() -> None:
    assert surrogate_of(TEXT).text == (
        "Mr. [NAME-1], MRN [MRN-1], has gout. Mrs. [NAME-1] and Dr. [NAME-2] came on [DATE-1]."
    )


def test_offsets_lead_back_to_the_raw_text() -> None:
    surrogate = surrogate_of(TEXT)
    begin = surrogate.text.index("gout")
    raw = surrogate.to_raw(begin, begin + 4)
    assert TEXT[slice(*raw)] == "gout"
    begin = surrogate.text.index("[NAME-2]")
    assert TEXT[slice(*surrogate.to_raw(begin + 1, begin + 3))] == "Wu"
    assert surrogate.to_raw(0, len(surrogate.text)) == (0, len(TEXT))


def test_a_record_gives_the_surrogate_back_and_holds_no_identifier() -> None:
    surrogate = surrogate_of(TEXT)
    record = surrogate.to_record("0" * 64)
    assert surrogate_from_record(record) == surrogate
    assert "Smith" not in str(record)
    assert "0012345" not in str(record)


def test_nothing_is_left_to_be_found() -> None:
    assert load_finder().find(surrogate_of(TEXT).text) == []


def test_a_text_without_identifiers_is_left_as_it_is() -> None:
    assert surrogate_of("No fever.") == Surrogate("No fever.", ())


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=8), st.integers(0, 60), st.integers(1, 60))
def test_what_is_not_replaced_keeps_its_characters(gaps: list[tuple[int, int]], begin: int, length: int) -> None:
    text = "".join(chr(0x4E00 + place) for place in range(120))
    spans, at = [], 0
    for gap, size in gaps:
        spans.append(PhiSpan(at + gap, at + gap + size, PhiKind.NAME))
        at += gap + size
    surrogate = replace_identifiers(text, spans)
    end = min(begin + length, len(surrogate.text))
    piece = surrogate.text[begin:end]
    if begin < end and not any(one.begin < end and begin < one.end for one in surrogate.replaced):
        assert text[slice(*surrogate.to_raw(begin, end))] == piece


@pytest.mark.parametrize("name", ["text", "replaced"])
def test_a_surrogate_cannot_be_changed(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(surrogate_of(TEXT), name, "")
