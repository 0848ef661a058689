from typing import Any

import pytest

from hctap_core.differences import describe, list_errors
from hctap_core.gold import GoldNote
from hctap_core.golds import hash_gold, is_valid_gold_name, split_reference


def made(begin: int, end: int, kind: str = "PROBLEM", score: float = 0.95, **assertion: bool) -> dict[str, Any]:
    return {"begin": begin, "end": end, "entity_type": kind, "text": "x" * (end - begin), "score": score} | {
        "assertion": assertion
    }


def gold_of(*entities: dict[str, Any], note_id: str = "n") -> GoldNote:
    return GoldNote.model_validate({"note_id": note_id, "entities": list(entities)})


@pytest.mark.parametrize(
    ("gold", "found", "kinds"),
    [
        pytest.param([made(0, 5)], [made(0, 5)], [], id="the same"),
        pytest.param([made(0, 5)], [], ["missed"], id="nothing there"),
        pytest.param([], [made(0, 5)], ["invented"], id="nothing wanted"),
        pytest.param([made(0, 5)], [made(3, 9)], ["span"], id="another span"),
        pytest.param([made(0, 5)], [made(0, 5, "TEST")], ["retyped"], id="another type"),
        pytest.param([made(0, 5)], [made(5, 9)], ["missed", "invented"], id="side by side is no overlap"),
        pytest.param([made(0, 5, negated=True)], [made(0, 5)], ["assertion"], id="another assertion"),
        pytest.param(
            [made(0, 5)], [made(0, 5), made(0, 9, "TEST")], ["invented"], id="one that is taken is not taken again"
        ),
    ],
)
def test_each_difference_has_its_kind(
    gold: list[dict[str, Any]], found: list[dict[str, Any]], kinds: list[str]
) -> None:
    assert [error.kind.value for error in list_errors(gold_of(*gold), found)] == kinds


def test_what_the_run_says_instead_is_kept() -> None:
    (error,) = list_errors(gold_of(made(0, 5, negated=True)), [made(0, 5, "TEST", family=True)])
    assert error.other is not None
    assert (error.other.entity_type, error.other.assertions, error.other.gold_assertions) == (
        "TEST",
        ("family",),
        ("negated",),
    )


def test_details_count_what_the_lists_hold() -> None:
    gold = [
        gold_of(made(0, 5), made(10, 15, "TEST"), made(20, 25, negated=True), note_id="a"),
        gold_of(made(0, 5), note_id="b"),
        gold_of(made(0, 5), note_id="unknown"),
    ]
    found = {"a": [made(0, 5), made(10, 15), made(20, 25, score=0.35)], "b": [made(0, 5), made(30, 35, score=1.0)]}
    details, errors = describe(gold, found)
    assert [error.error_no for error in errors] == [0, 1, 2]
    assert details.types == {"PROBLEM": {"PROBLEM": 3}, "TEST": {"PROBLEM": 1}, "none": {"PROBLEM": 1}}
    assert {kind.value: counts for kind, counts in details.errors.items()} == {
        "assertion": {"PROBLEM": 1},
        "invented": {"PROBLEM": 1},
        "retyped": {"TEST": 1},
    }
    negated = details.assertions["negated"]
    assert (negated.both, negated.only_gold, negated.only_run) == (0, 1, 0)
    bins = {(one.low, one.entities, one.right) for one in details.calibration if one.entities}
    assert bins == {(0.3, 1, 1.0), (0.9, 4, 0.5)}
    recall = details.intervals["strict"]["micro"].recall
    assert recall is not None
    assert 0 <= recall.low <= 3 / 5 <= recall.high <= 1, "a note that the run does not know is missed"


def test_one_note_allows_no_interval() -> None:
    details, _ = describe([gold_of(made(0, 5))], {"n": [made(0, 5)]})
    assert details.intervals["strict"]["micro"].f1 is None


@pytest.mark.parametrize(
    ("reference", "parts"),
    [("dev", ("dev", None)), ("dev@3", ("dev", 3)), ("gold:dev@12", ("dev", 12)), ("dev@0", None), ("a b", None)],
)
def test_references_are_read(reference: str, parts: tuple[str, int | None] | None) -> None:
    assert split_reference(reference) == parts


def test_the_same_gold_has_the_same_hash() -> None:
    one, two = gold_of(made(0, 5), note_id="a"), gold_of(made(1, 5), note_id="b")
    assert hash_gold([one, two]) == hash_gold([two, one])
    assert hash_gold([one]) != hash_gold([two])
    assert is_valid_gold_name("dev-2.1")
    assert not is_valid_gold_name("../x")
