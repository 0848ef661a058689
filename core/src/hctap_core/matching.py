"""Which predicted span answers which gold span: exact, or by overlap as a maximum one-to-one matching."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """Code points of the note's text, half-open, with what is said of them."""

    begin: int
    end: int
    label: str


def match_exactly(gold: Sequence[Span], predicted: Sequence[Span]) -> dict[int, int]:
    """Index of gold to index of prediction where span and label are the same; each is used once."""
    places: dict[Span, list[int]] = {}
    for index, span in enumerate(predicted):
        places.setdefault(span, []).append(index)
    return {index: places[span].pop(0) for index, span in enumerate(gold) if places.get(span)}


def match_by_overlap(gold: Sequence[Span], predicted: Sequence[Span]) -> dict[int, int]:
    """Index of gold to index of prediction: as many pairs as possible that share a label and a code point.

    Equal spans are tried first, then larger overlaps, so that of several maximum matchings an intuitive one is found
    (augmenting paths, H. W. Kuhn, Naval Research Logistics Quarterly 2, 1955).
    """
    edges = _edges(gold, predicted)
    by_gold: dict[int, int] = {}
    by_prediction: dict[int, int] = {}
    for _, index, other in sorted((worth, one, other) for one in edges for worth, other in edges[one]):
        if index not in by_gold and other not in by_prediction:
            by_gold[index], by_prediction[other] = other, index
    paths = {index: [other for _, other in found] for index, found in edges.items()}
    for index in paths:
        if index not in by_gold:
            _augment(index, paths, by_gold, by_prediction)
    return by_gold


def _edges(gold: Sequence[Span], predicted: Sequence[Span]) -> dict[int, list[tuple[tuple[bool, int], int]]]:
    """Gold to the predictions that it may pair with, the best first, each with its worth (the lower the better)."""
    order = sorted(range(len(predicted)), key=lambda index: predicted[index].begin)
    longest = max((span.end - span.begin for span in predicted), default=0)
    starts = [predicted[index].begin for index in order]
    edges: dict[int, list[tuple[tuple[bool, int], int]]] = {}
    for index, span in enumerate(gold):
        edges[index] = sorted(
            (_worth(span, predicted[other]), other)
            for other in _window(order, starts, span.begin - longest, span.end)
            if predicted[other].label == span.label and predicted[other].end > span.begin
        )
    return edges


def _worth(one: Span, other: Span) -> tuple[bool, int]:
    return one[:2] != other[:2], max(one.begin, other.begin) - min(one.end, other.end)


def _window(order: list[int], starts: list[int], low: int, high: int) -> list[int]:
    return order[bisect_left(starts, low) : bisect_left(starts, high)]


def _augment(root: int, edges: dict[int, list[int]], by_gold: dict[int, int], by_prediction: dict[int, int]) -> None:
    """Find a path of alternately free and taken pairs from `root` to a free prediction, and flip it."""
    came_from: dict[int, int] = {}
    queue = [root]
    for index in queue:
        for other in edges[index]:
            if other in came_from:
                continue
            came_from[other] = index
            if other not in by_prediction:
                _flip(other, came_from, by_gold, by_prediction)
                return
            queue.append(by_prediction[other])


def _flip(prediction: int, came_from: dict[int, int], by_gold: dict[int, int], by_prediction: dict[int, int]) -> None:
    while True:
        index = came_from[prediction]
        earlier = by_gold.get(index)
        by_gold[index], by_prediction[prediction] = prediction, index
        if earlier is None:
            return
        prediction = earlier
