"""Which prediction answers which gold span."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hctap_core.matching import Span, match_by_overlap, match_exactly

P = "PROBLEM"


@pytest.mark.parametrize(
    ("gold", "predicted", "exact", "overlap"),
    [
        ([(0, 4)], [(0, 4)], 1, 1),
        ([(0, 4)], [(0, 5)], 0, 1),
        ([(0, 4)], [(4, 8)], 0, 0),
        ([(0, 4), (5, 9)], [(0, 9)], 0, 1),  # one prediction answers one gold span
        ([(0, 9)], [(0, 4), (5, 9)], 0, 1),
        # the greedy choice (largest overlap first) would find one pair, the maximum is two
        ([(0, 10), (8, 12)], [(5, 12), (0, 2)], 0, 2),
        ([(0, 4), (0, 4)], [(0, 4)], 1, 1),
        ([], [(0, 4)], 0, 0),
    ],
)
def test_pairs(gold: list[tuple[int, int]], predicted: list[tuple[int, int]], exact: int, overlap: int) -> None:
    wanted, given_ = [Span(*s, P) for s in gold], [Span(*s, P) for s in predicted]
    assert len(match_exactly(wanted, given_)) == exact
    assert len(match_by_overlap(wanted, given_)) == overlap


def test_labels_must_agree() -> None:
    assert match_by_overlap([Span(0, 4, P)], [Span(0, 4, "TEST")]) == {}


spans = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6)), max_size=5)


@given(spans, spans)
def test_the_matching_is_maximum_and_one_to_one(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> None:
    gold = [Span(b, b + n, P) for b, n in left]
    predicted = [Span(b, b + n, P) for b, n in right]
    pairs = match_by_overlap(gold, predicted)
    assert len(set(pairs.values())) == len(pairs)
    assert all(_touch(gold[i], predicted[j]) for i, j in pairs.items())
    assert len(pairs) == _best(gold, predicted)


def _touch(a: Span, b: Span) -> bool:
    return min(a.end, b.end) > max(a.begin, b.begin)


def _best(gold: list[Span], predicted: list[Span]) -> int:
    padded = list(range(len(predicted))) + [-1] * len(gold)
    return max(
        (
            sum(j >= 0 and _touch(gold[i], predicted[j]) for i, j in enumerate(order))
            for order in set(itertools.permutations(padded, len(gold)))
        ),
        default=0,
    )
