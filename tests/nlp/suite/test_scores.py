"""How answers to the suite are counted."""

from typing import Any

from hctap_nlp.suite.scores import failures_by_sentence, score_suite
from hctap_nlp.suite.sentences import Phenomenon, read_suite

ASSERTION = read_suite(
    "coordination:\n- {id: a, text: 'No [[gout||PROBLEM negated]] or [[pain||PROBLEM negated]], has [[rash||PROBLEM]]'}"
)
REGIMEN = read_suite(
    "sigs:\n- {id: b, text: '[[ASA||MEDICATION id=m]] [[81 mg||STRENGTH of=m]] [[qd||FREQUENCY of=m norm=1/d]] daily'}"
)


def record(begin: int, end: int, kind: str, **rest: Any) -> dict[str, Any]:
    return {"begin": begin, "end": end, "entity_type": kind, **rest}


def test_assertion_counts_each_attribute_of_each_entity() -> None:
    answers = [
        record(3, 7, "PROBLEM", assertion={"negated": True}),
        record(21, 25, "PROBLEM", assertion={"negated": True, "family": True}),
    ]
    scores = score_suite(ASSERTION, {"a": answers})
    assert scores.of(None, "negated") == (1, 2, 2)
    assert scores.of(Phenomenon.COORDINATION, "family") == (0, 1, 0)
    assert scores.of(None, None) == (1, 3, 2)
    assert [(f.attribute, f.begin, f.wanted, f.given) for f in scores.failures] == [
        ("negated", 11, "yes", None),
        ("negated", 21, None, "yes"),
        ("family", 21, None, "yes"),
    ]
    assert len(list(failures_by_sentence(scores.failures))) == 1


def test_attributes_count_where_the_owner_has_them_and_norms_apart() -> None:
    found = [
        {"type": "FREQUENCY", "begin": 10, "end": 12, "text": "qd", "norm": "4/d"},
        {"type": "FREQUENCY", "begin": 13, "end": 18, "text": "daily", "norm": "1/d"},
    ]
    scores = score_suite(REGIMEN, {"b": [record(0, 3, "MEDICATION", attributes=found)]})
    assert scores.of(None, "STRENGTH") == (0, 0, 1)
    assert scores.of(None, "FREQUENCY") == (1, 2, 1)
    assert scores.of(None, "FREQUENCY norm") == (0, 2, 1)
    assert scores.of(None, None) == (1, 2, 2)
    assert {(f.attribute, f.wanted, f.given) for f in scores.failures} == {
        ("STRENGTH", "81 mg", None),
        ("FREQUENCY norm", "1/d", "4/d"),
        ("FREQUENCY", None, "daily"),
    }


def test_an_entity_without_a_record_is_asserted_plainly() -> None:
    assert score_suite(ASSERTION, {}).of(None, None) == (0, 0, 2)
