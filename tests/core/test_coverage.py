"""Drift: what has moved beyond a threshold, and what is too little to tell."""

import pytest

from hctap_core.coverage import Coverage, compare


@pytest.mark.parametrize(
    ("name", "before", "now", "is_drift"),
    [
        ("no_entities", 0.10, 0.13, True),
        ("no_entities", 0.10, 0.11, False),
        ("no_entities", 0.001, 0.009, False),
        ("assertion.negated", 0.2, 0.0, True),
        ("per_note.TEST", 0.004, 0.002, True),
        ("per_note.TEST", 10.0, 9.0, False),
        ("per_note.TEST", 0.0, 0.0, False),
    ],
)
def test_what_is_drift(name: str, before: float, now: float, is_drift: bool) -> None:  # noqa: FBT001 - a table
    compared = compare(Coverage(texts=50, rates={name: now}), Coverage(texts=50, rates={name: before}), "R", 0.2)
    (change,) = compared.changes
    assert (compared.compared_with, change.before, change.now, change.is_drift) == ("R", before, now, is_drift)
    assert bool(compared.drifts) is is_drift


def test_few_texts_are_compared_and_never_warned_of() -> None:
    compared = compare(Coverage(texts=19, rates={"no_entities": 1.0}), Coverage(texts=500), "R", 0.2)
    assert [(c.before, c.now, c.is_drift) for c in compared.changes] == [(0.0, 1.0, False)]
