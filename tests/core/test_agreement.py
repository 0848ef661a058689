from typing import Any

import pytest

from hctap_core.agreement import cohens_kappa, compare_judged, judge
from hctap_core.gold import GoldEntity
from hctap_core.reviews import Verdict


def made(begin: int, kind: str = "PROBLEM", **assertion: bool) -> dict[str, Any]:
    return {"begin": begin, "end": begin + 5, "entity_type": kind, "text": "xxxxx", "assertion": assertion}


def gold(begin: int, kind: str = "PROBLEM", **assertion: bool) -> GoldEntity:
    return GoldEntity.model_validate(made(begin, kind, **assertion))


@pytest.mark.parametrize(
    ("pairs", "agreed", "kappa"),
    [
        ([], None, None),
        ([("a", "a")] * 3, 1.0, None),
        ([("a", "a"), ("b", "b")], 1.0, 1.0),
        ([("a", "b"), ("b", "a")], 0.0, -1.0),
        # The table of Cohen's own kind: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no.
        ([("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15, 0.7, 0.4),
    ],
)
def test_kappa_is_agreement_beyond_chance(
    pairs: list[tuple[str, str]], agreed: float | None, kappa: float | None
) -> None:
    score = cohens_kappa(pairs)
    assert (score.items, score.agreed, score.kappa) == (len(pairs), agreed, kappa)


def test_what_is_not_decided_stands() -> None:
    found = [made(0), made(10), made(20)]
    changed, added = gold(11, "TEST"), gold(5)
    view = judge(
        found,
        {"e0": (Verdict.REJECT, None), "e1": (Verdict.CHANGE, changed), "a1": (Verdict.ADD, added)},
    )
    assert [entity.begin for entity in view.standing()] == [5, 11, 20]
    assert view.kept["e0"] is None


def test_two_reviewers_are_compared_item_by_item() -> None:
    found = [made(0), made(10), made(20)]
    one = judge(found, {"e0": (Verdict.REJECT, None)})
    two = judge(found, {"e1": (Verdict.CHANGE, gold(10, "TEST", negated=True))})
    scores = compare_judged([(one, two)])
    assert (scores["keep"].items, scores["keep"].agreed) == (3, 0.6667)
    assert (scores["entity_type"].items, scores["entity_type"].agreed) == (2, 0.5)
    assert scores["assertions"]["negated"].agreed == 0.5
    assert scores["span_f1"] == round(2 * 1 / 5, 4)
    assert compare_judged([])["span_f1"] is None
