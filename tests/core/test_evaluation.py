"""The scores, on cases small enough to count by hand."""

from typing import Any

import pytest

from hctap_core.errors import MalformedRecord
from hctap_core.evaluation import evaluate
from hctap_core.gold import read_gold
from hctap_core.intervals import interval_of

GOLD = read_gold(
    [
        (
            '{"note_id":"a","entities":['
            '{"entity_type":"PROBLEM","text":"gout","begin":0,"end":4,"assertion":{"negated":true},'
            '"codes":[{"system":"ICD-10-CM","code":"M10.9"}]},'
            '{"entity_type":"MEDICATION","text":"aspirin 81","begin":10,"end":20,"assertion":{},'
            '"attributes":[{"type":"STRENGTH","text":"81","begin":18,"end":20}]}],'
            '"sections":[{"begin":0,"end":30,"header":"PMH","type":"past_medical_history"}]}'
        ),
        '{"note_id":"b","entities":[{"entity_type":"PROBLEM","text":"flu","begin":0,"end":3}]}',
    ]
)


def record(kind: str, begin: int, end: int, **more: Any) -> dict[str, Any]:
    return {"entity_type": kind, "begin": begin, "end": end, **more}


PREDICTIONS = {
    "a": [
        record("PROBLEM", 0, 4, assertion={"negated": True}, codes=[{"system": "ICD-10-CM", "code": "M10.0"}]),
        record("MEDICATION", 10, 17, attributes=[{"type": "STRENGTH", "begin": 18, "end": 20}]),
        record("TEST", 22, 25),
    ],
}


def test_strict_and_overlap_count_every_gold_note() -> None:
    scores = evaluate(GOLD, PREDICTIONS)
    assert scores["strict"]["micro"] == {
        "precision": 0.3333, "recall": 0.3333, "f1": 0.3333, "right": 1, "predicted": 3, "gold": 3,
        "f1_interval": (0.0, 0.4),
    }  # fmt: skip
    assert scores["overlap"]["micro"]["right"] == 2
    assert scores["strict"]["by_type"]["MEDICATION"]["f1"] == 0.0
    assert scores["strict"]["by_type"]["TEST"]["recall"] is None


def test_the_interval_is_that_of_the_notes() -> None:
    # Drawn twice, the one note has 1 of 3 given and 2 wanted (0.4), the other nothing.
    spans = [(1, 3, 2), (0, 0, 1)]
    whole = evaluate(GOLD, PREDICTIONS | {"b": []})
    for kind, right in (("strict", 1), ("overlap", 2)):
        counts = [(right, 3, 2), spans[1]]
        assert whole[kind]["micro"]["f1_interval"] == interval_of(counts, lambda c: 2 * c[0] / (c[1] + c[2]))
    assert whole["assertion"]["micro"]["f1_interval"] == (1.0, 1.0)
    assert whole["attributes"]["micro"]["f1_interval"] == (1.0, 1.0)
    assert evaluate(GOLD[:1], PREDICTIONS)["strict"]["micro"]["f1_interval"] is None


def test_intersection_counts_the_notes_that_both_know() -> None:
    scores = evaluate(GOLD, PREDICTIONS)
    assert scores["intersection"]["strict"]["micro"]["gold"] == 2
    assert scores["coverage"] == {
        "gold_notes": 2, "gold_items": 3, "pred_notes": 1, "pred_items": 3, "gold_outside_pred_notes": 1,
    }  # fmt: skip


def test_macro_is_the_mean_over_the_types_that_the_gold_has() -> None:
    scores = evaluate(GOLD, PREDICTIONS)
    by_type = scores["overlap"]["by_type"]
    assert scores["overlap"]["macro"]["f1"] == round((by_type["PROBLEM"]["f1"] + by_type["MEDICATION"]["f1"]) / 2, 4)


def test_assertion_codes_and_attributes_are_scored_on_what_was_found() -> None:
    scores = evaluate(GOLD, PREDICTIONS)
    assert scores["aligned"] == 2
    assert scores["assertion"]["by_attribute"]["negated"]["f1"] == 1.0
    assert scores["attributes"]["by_type"]["STRENGTH"]["f1"] == 1.0
    codes = scores["codes"]["ICD-10-CM"]
    assert (codes["gold"], codes["coded"], codes["right"], codes["right_category"]) == (1, 1, 0, 1)


def test_headings_are_scored_by_begin_and_by_type() -> None:
    sections = {"a": [{"begin": 0, "end": 30, "header": "PMH", "type": "medications"}]}
    scores = evaluate(GOLD, PREDICTIONS, sections)
    assert scores["sections"]["heading"]["f1"] == 1.0
    assert scores["sections"]["heading_and_type"]["f1"] == 0.0


def test_hctaps_older_gold_is_one_entity_a_line() -> None:
    line = '{"note_id":"n","entity_type":"PROBLEM","text":"flu","norm_text":"flu","begin":0,"end":3,"source":"x"}'
    (note,) = read_gold([line, line.replace('"begin":0,"end":3', '"begin":5,"end":8')])
    assert [(e.begin, e.end) for e in note.entities] == [(0, 3), (5, 8)]
    assert note.entities[0].assertion is None


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[1]",
        '{"note_id":"n","entities":[{"begin":0}]}',
        '{"entity_type":"PROBLEM","begin":0,"end":1,"text":"x"}',
    ],
)
def test_gold_that_is_none_is_named_by_its_line(line: str) -> None:
    with pytest.raises(MalformedRecord, match="line 2"):
        read_gold(["", line])
