"""Agreement of two annotators: counts by hand, kappa by the textbook."""

import pytest
from benchmarks.agreement import agree_on_attributes, agree_on_flags, agree_on_spans, kappa_of, pair_up
from benchmarks.labels import read_chunk
from tests.benchmarks.texts import CHUNK

FIRST = [p.labels for p in read_chunk(CHUNK, ("a",))]
OTHER = CHUNK.replace(
    "[[asthma||PROBLEM family]], no [[gout||PROBLEM family negated]]",
    "[[asthma||PROBLEM]], [[no gout||PROBLEM negated]]",
)
SECOND = [p.labels for p in read_chunk(OTHER, ("b",))]


def test_an_annotator_agrees_with_himself() -> None:
    pairs = pair_up(FIRST, FIRST)
    assert {row.kind: (row.first, row.strict) for row in agree_on_spans(pairs)} == {
        "MEDICATION": (2, 1.0),
        "PROBLEM": (2, 1.0),
        "ALL": (4, 1.0),
    }
    assert {row.kind: row.strict for row in agree_on_attributes(pairs)} == {
        "FREQUENCY": 1.0,
        "STRENGTH": 1.0,
        "ALL": 1.0,
    }
    assert {row.flag: row.kappa for row in agree_on_flags(pairs)} == {
        "negated": 1.0,
        "uncertain": None,
        "historical": None,
        "hypothetical": None,
        "family": 1.0,
    }


def test_a_wider_span_agrees_by_overlap_only_and_flags_count_on_equal_spans() -> None:
    pairs = pair_up(FIRST, SECOND)
    everything = agree_on_spans(pairs)[-1]
    assert (everything.kind, everything.first, everything.second) == ("ALL", 4, 4)
    assert (everything.strict, everything.overlap) == (0.75, 1.0)
    flags = {row.flag: row for row in agree_on_flags(pairs)}
    assert (flags["family"].spans, flags["family"].first, flags["family"].second) == (3, 1, 0)
    assert flags["family"].kappa == 0.0


@pytest.mark.parametrize(
    ("answers", "kappa"),
    [
        # yes/yes 20, yes/no 5, no/yes 10, no/no 15: observed 0.7, by chance 0.5
        ([(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15, 0.4),
        ([(True, False)] * 2 + [(False, True)] * 2, -1.0),
        ([(False, False)] * 4, None),
        ([], None),
    ],
)
def test_kappa(answers: list[tuple[bool, bool]], kappa: float | None) -> None:
    assert kappa_of(answers) == kappa


def test_labels_of_different_texts_are_not_compared() -> None:
    changed = [one.model_copy(update={"sha256": "0" * 64}) for one in FIRST]
    with pytest.raises(ValueError, match="two different texts"):
        pair_up(FIRST, changed)
