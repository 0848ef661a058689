"""The evaluation of a run as tables."""

from typing import Any

from tests.clinic import CARDIOLOGY_TEXT, find_entities

from hctap_core.evaluation import evaluate
from hctap_core.gold import GoldNote
from hctap_dashboard.scores import find_gaps, tabulate_details, tabulate_spans


def scores(*, known: bool = True) -> dict[str, Any]:
    found = find_entities(CARDIOLOGY_TEXT)
    gold = [GoldNote.model_validate({"note_id": "n", "entities": found[1:]})]
    return evaluate(gold, {"n": found} if known else {})


def test_each_gold_set_has_its_columns_and_each_type_its_row() -> None:
    shown = tabulate_spans({"samples-test": scores(), "samples-dev": scores()})
    assert shown.groups == [("samples-dev", 3), ("samples-test", 3)]
    assert list(shown.head) == ["Type", *["Gold", "Strict", "Overlap"] * 2]
    assert [row[0] for row in shown.rows] == ["Problem", "Medication", "Anatomy", "All types", "Mean of types"]
    assert all(len(row) == len(shown.head) for row in shown.rows)


def test_the_numbers_are_the_evaluations_own() -> None:
    result = scores()
    rows = {row[0]: row[1:] for row in tabulate_spans({"dev": result}).rows}
    problem = result["strict"]["by_type"]["PROBLEM"]
    assert rows["Problem"] == [str(problem["gold"]), f"{100 * problem['f1']:.1f}", f"{100 * problem['f1']:.1f}"]
    assert rows["All types"][1] == f"{100 * result['strict']['micro']['f1']:.1f}"
    assert rows["Mean of types"] == [
        "",
        f"{100 * result['strict']['macro']['f1']:.1f}",
        f"{100 * result['overlap']['macro']['f1']:.1f}",
    ]


def test_a_type_that_only_one_gold_set_has_is_a_dash_in_the_other() -> None:
    rows = {row[0]: row[1:] for row in tabulate_spans({"a": scores(), "b": {"strict": {}, "overlap": {}}}).rows}
    assert rows["Anatomy"][3:] == ["", "–", "–"]


def test_an_evaluation_of_another_shape_is_shown_as_far_as_it_goes() -> None:
    for strange in (
        {},
        {"strict": None},
        {"strict": {"micro": 3, "by_type": []}},
        {"overlap": {"micro": {"f1": "high"}}},
    ):
        assert [row[0] for row in tabulate_spans({"x": strange}).rows] == ["All types", "Mean of types"]
        assert tabulate_details({"x": strange}) is None
        assert find_gaps({"x": strange}) == []


def test_assertions_attributes_and_codes_are_told_apart() -> None:
    shown = tabulate_details({"dev": scores()})
    assert shown is not None
    rows = {row[0]: row[1] for row in shown.rows}
    assert rows["Assertions, F1"] == "100.0"
    assert rows["Attributes, F1"] == "100.0"
    assert "Codes, F1" not in rows


def test_gold_that_the_run_did_not_read_is_said() -> None:
    assert find_gaps({"dev": scores()}) == []
    (gap,) = find_gaps({"dev": scores(known=False)})
    assert gap.startswith("dev: 6 gold entities")
