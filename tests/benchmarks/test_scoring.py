"""Scores of the corpus format, on documents counted by hand."""

import json
from pathlib import Path

import pytest
from benchmarks.codes import CodeMap
from benchmarks.documents import Document, Finding, Mention, Reading, read_corpus, reading_of, spans_of
from benchmarks.failures import count_wrong
from benchmarks.scoring import ALL, ENTITIES, score_assertion, score_codes, score_headings, score_spans

from hctap_core.errors import MalformedRecord
from hctap_core.matching import Span

TEXT = "No fever. CT of the chest. Father had gout."
FEVER, CT, CHEST, GOUT = (3, 8), (10, 12), (20, 25), (38, 42)


def _document(*mentions: Mention, name: str = "d") -> Document:
    return Document(name, TEXT, mentions, ((0, 9), (10, 43)), name, (0, len(TEXT)))


GOLD = _document(
    Mention(*FEVER, "PROBLEM", frozenset({"negated"}), ("ICD-10-CM:R50.9",)),
    Mention(*CT, "PROCEDURE|TEST"),
    Mention(*CHEST, "ANATOMY"),
    Mention(*GOUT, "PROBLEM", frozenset({"family"}), ("MESH:D006073",)),
)


def _reading(*findings: Finding, headings: tuple[tuple[int, int], ...] = ()) -> dict[str, Reading]:
    return {"d": Reading(findings, headings)}


def test_spans_count_strict_and_by_overlap_with_joint_labels() -> None:
    scores = score_spans(
        [GOLD], _reading(Finding(0, 8, "PROBLEM"), Finding(*CT, "TEST"), Finding(*CT, "PROCEDURE"), Finding(0, 2, "X"))
    )
    assert set(scores) == {"PROBLEM", "PROCEDURE|TEST", "ANATOMY", ENTITIES, ALL}
    assert scores[ENTITIES] == scores[ALL]  # the gold has no attributes
    assert (scores["PROBLEM"]["strict"].value, scores["PROBLEM"]["overlap"].value) == (0.0, 0.6667)
    assert scores["PROCEDURE|TEST"]["strict"].value == 1.0
    everything = scores[ALL]["overlap"]
    assert (everything.right, everything.given, everything.wanted) == (2, 2, 4)


def test_a_document_without_a_reading_is_all_misses() -> None:
    assert score_spans([GOLD], {})[ALL]["overlap"].value == 0.0


def test_assertion_on_given_spans_counts_a_span_left_out_as_no() -> None:
    scores = score_assertion([GOLD], _reading(Finding(*FEVER, "PROBLEM", frozenset({"negated", "uncertain"}))))
    assert (scores["negated"].value, scores["family"].value, scores["uncertain"].wanted) == (1.0, 0.0, 0)
    assert (scores[ALL].right, scores[ALL].given, scores[ALL].wanted) == (1, 1, 2)  # no gold is uncertain: not pooled


def test_assertion_end_to_end_looks_at_aligned_gold_only() -> None:
    scores = score_assertion([GOLD], _reading(Finding(0, 8, "PROBLEM", frozenset({"negated"}))), given=False)
    assert (scores["negated"].value, scores["family"].wanted) == (1.0, 0)


def test_codes_at_first_place_of_all_that_have_one(tmp_path: Path) -> None:
    table = tmp_path / "mesh.tsv"
    table.write_text("mesh_ui\ticd10cm\nD006073\tM10.9|M10\n", encoding="utf-8")
    right = Finding(*GOUT, "PROBLEM", codes=(("HPO", "HP:1"), ("ICD-10-CM", "M10.9"), ("ICD-10-CM", "M1A.9XX0")))
    wrong = Finding(*FEVER, "PROBLEM", codes=(("ICD-10-CM", "R51.9"),))
    score = score_codes([GOLD], _reading(right, wrong), "ICD-10-CM", CodeMap([table]))
    assert (score.value, score.right, score.given, score.wanted) == (0.5, 1, 2, 2)
    assert score_codes([GOLD], _reading(right, wrong), "ICD-10-CM", CodeMap()).wanted == 1


def test_headings_by_where_they_begin() -> None:
    score = score_headings([GOLD], _reading(headings=((0, 8), (12, 43))))
    assert score is not None
    assert (score.right, score.given, score.wanted) == (1, 2, 2)


def test_a_record_becomes_a_reading_with_its_comparable_attributes_within_the_window() -> None:
    parts = [{"type": "STRENGTH", "begin": 6, "end": 11}, {"type": "FORM", "begin": 12, "end": 15}]
    entity = {"begin": 0, "end": 5, "entity_type": "MEDICATION", "assertion": {"negated": True}, "attributes": parts}
    late = {"begin": 30, "end": 32, "entity_type": "TEST"}
    reading = reading_of({"entities": [entity, late]}, (0, 20))
    assert [(f.begin, f.label, sorted(f.flags)) for f in reading.findings] == [
        (0, "MEDICATION", ["negated"]),
        (6, "DOSE", []),
    ]


def test_given_spans_are_those_with_something_to_say() -> None:
    assert spans_of(GOLD) == [Span(*FEVER, "PROBLEM"), Span(*GOUT, "PROBLEM")]


def test_a_corpus_is_read_and_a_line_that_does_not_fit_is_said(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    entities: list[dict[str, object]] = [
        {"start": 3, "end": 8, "std": "PROBLEM", "negated": True},
        {"start": 10, "end": 12, "std": None},
    ]
    line = {"id": 7, "text": TEXT, "entities": entities, "report": "r1", "sections": [{"start": 0, "end": 9}]}
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    (document,) = read_corpus(path)
    assert (document.id, document.group, document.headings) == ("7", "r1", ((0, 9),))
    assert document.mentions == (Mention(3, 8, "PROBLEM", frozenset({"negated"})),)
    entities[0]["end"] = 800
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    with pytest.raises(MalformedRecord, match=r"line 1 of c\.jsonl"):
        read_corpus(path)


def test_what_was_wrong_is_counted_by_type_and_words() -> None:
    readings = _reading(Finding(*FEVER, "PROBLEM"), Finding(*CHEST, "TEST"), Finding(0, 2, "MEDICATION"))
    missed, invented = count_wrong([GOLD], readings)
    assert missed == {"ANATOMY “chest”": 1, "PROBLEM “gout”": 1, "PROCEDURE|TEST “CT”": 1}
    assert invented == {"PROCEDURE|TEST “chest”": 1}  # the gold has no medications, so none is wrong
