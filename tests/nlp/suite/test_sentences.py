"""The suite's files: they parse, nothing stands twice, and a third of each phenomenon is kept for testing."""

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from hctap_core.errors import MalformedRecord
from hctap_nlp.suite.sentences import Sentence, ids_for_testing, read_suite

SUITE = Path(__file__).parents[3] / "samples" / "suite"
# The test part was finished before the engine read it. A change needs a reason in the changelog.
FROZEN = {
    "assertion.yaml": "de37247112b101ac3de85decaa0c86f426a7646e4cddd80bc913ebc3d14476bb",
    "regimen.yaml": "1c95b27b7df7afd38039c8cb670c3e75fbf361c9b99bde08b88bdd94cf2ea0df",
}


def read(name: str) -> list[Sentence]:
    return read_suite((SUITE / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(FROZEN))
def test_the_test_part_is_a_third_of_each_phenomenon_and_frozen(name: str) -> None:
    sentences = read(name)
    kept = [sentence for sentence in sentences if sentence.part == "test"]
    assert {sentence.id for sentence in kept} == ids_for_testing(sentences)
    assert {sentence.phenomenon for sentence in kept} == {sentence.phenomenon for sentence in sentences}
    digest = hashlib.sha256("\n".join(f"{sentence.id}\n{sentence.marked}" for sentence in kept).encode())
    assert digest.hexdigest() == FROZEN[name]


def test_no_id_and_no_text_stands_twice() -> None:
    sentences = [sentence for name in FROZEN for sentence in read(name)]
    for what, count in Counter([s.id for s in sentences] + [s.text for s in sentences]).items():
        assert count == 1, what


def test_every_sentence_asks_something_and_every_span_is_its_text() -> None:
    for sentence in (sentence for name in FROZEN for sentence in read(name)):
        assert sentence.gold.entities, sentence.id
        marks = [(mark.begin, mark.end, mark.text) for mark in sentence.gold.entities]
        marks += [(mark.begin, mark.end, mark.text) for e in sentence.gold.entities for mark in e.attributes]
        for begin, end, text in marks:
            assert sentence.text[begin:end] == text == text.strip()


def test_a_sentence_keeps_its_lines_and_gives_its_spans() -> None:
    (sentence,) = read_suite(
        "line_ends:\n- id: a\n  part: test\n  text: |-\n    No [[gout||PROBLEM negated]]\n    MI\n"
    )
    assert (sentence.text, sentence.part) == ("No gout\nMI", "test")
    assert [(span.begin, span.end, span.label) for span in sentence.spans()] == [(3, 7, "PROBLEM")]


@pytest.mark.parametrize(
    "content",
    [
        "weather:\n- {id: a, text: b}",
        "family:\n- {id: a}",
        "family:\n- {id: a, text: b, part: train}",
        "family:\n- {id: a, text: b, note: c}",
        "family:\n- {id: a, id: b, text: c}",
        "family: 3",
        "[]",
        "family:\n- {id: a, text: 'no [[gout||DISEASE]]'}",
    ],
)
def test_a_row_that_says_nothing_clear_is_refused(content: str) -> None:
    with pytest.raises(MalformedRecord):
        read_suite(content)
