"""Intervals by document: seeded, as wide as the documents differ, and as the textbook's plain loop gives them."""

import random
from collections.abc import Sequence

import pytest

from hctap_core.intervals import Interval, interval_of, sum_by_document


def _f1(counts: Sequence[int]) -> float | None:
    right, given, wanted = counts
    return 2 * right / (given + wanted) if given + wanted else None


def test_rows_of_a_document_are_added_up_in_order_of_first_sight() -> None:
    rows = [("b", (1, 2)), ("a", (3, 4)), ("b", (10, 20))]
    assert sum_by_document(rows) == [(11, 22), (3, 4)]


def test_documents_that_agree_leave_no_doubt() -> None:
    assert interval_of([(1, 2, 2)] * 5, _f1) == Interval(0.5, 0.5)


def test_documents_that_differ_widen_the_interval() -> None:
    interval = interval_of([(4, 4, 4), (0, 4, 4), (2, 4, 4), (3, 4, 4)], _f1)
    assert interval is not None
    assert 0 < interval.low < _f1((9, 16, 16)) < interval.high <= 1  # type: ignore[operator]


@pytest.mark.parametrize(
    "documents", [[], [(1, 1, 1)], [(0, 0, 0), (0, 0, 0)]], ids=["none", "one", "nothing to divide by"]
)
def test_no_interval_where_there_is_nothing_to_draw_from(documents: list[tuple[int, int, int]]) -> None:
    assert interval_of(documents, _f1) is None


def test_no_samples_no_interval() -> None:
    assert interval_of([(1, 1, 1), (0, 1, 1)], _f1, samples=0) is None


def test_it_is_what_a_plain_loop_over_the_same_draws_gives() -> None:
    draw = random.Random(3)  # noqa: S311 - numbers for a test
    documents = [(draw.randint(0, 3), draw.randint(3, 6), draw.randint(3, 5)) for _ in range(30)]
    source, found = random.Random(13), []  # noqa: S311 - the same seeded draw
    for _ in range(1000):
        sums = [sum(column) for column in zip(*source.choices(documents, k=30), strict=True)]
        found.append(2 * sums[0] / (sums[1] + sums[2]))
    found.sort()
    assert interval_of(documents, _f1) == (round(found[25], 4), round(found[974], 4))
