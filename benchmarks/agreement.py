"""How two annotators agree on the same texts.

Spans: F1, which is symmetric (G. Hripcsak, A. S. Rothschild, JAMIA 12(3), 2005). Flags: Cohen's kappa on the spans
that both marked alike (J. Cohen, Educational and Psychological Measurement 20(1), 1960), with the plain share of
equal answers, because kappa says little where nearly all answers are the same. Attributes: F1 by overlap.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from benchmarks.labels import LabelledText
from hctap_core.evaluation import ASSERTIONS
from hctap_core.intervals import Interval, interval_of, sum_by_document
from hctap_core.matching import Span, match_by_overlap, match_exactly

Pair = tuple[LabelledText, LabelledText]
ALL: Final = "ALL"


class SpanAgreement(NamedTuple):
    """F1 of one annotator against the other, with how many each marked."""

    kind: str
    first: int
    second: int
    strict: float | None
    strict_interval: Interval | None
    overlap: float | None
    overlap_interval: Interval | None


class FlagAgreement(NamedTuple):
    """Kappa of a flag on spans marked alike; None where both always answered no."""

    flag: str
    spans: int
    first: int
    second: int
    both: int
    same: float | None
    kappa: float | None


def pair_up(first: Iterable[LabelledText], second: Iterable[LabelledText]) -> list[Pair]:
    """The texts that both annotated, in the order of the first.

    Raises:
        ValueError: Where both have labels for one id but of different texts.
    """
    others = {labels.id: labels for labels in second}
    pairs = [(labels, others[labels.id]) for labels in first if labels.id in others]
    for one, other in pairs:
        if one.sha256 != other.sha256:
            raise ValueError(f"{one.id} was annotated on two different texts")
    return pairs


def agree_on_spans(pairs: Sequence[Pair]) -> list[SpanAgreement]:
    """Agreement on entities, all and by type."""
    return _agreement(pairs, _entity_spans)


def agree_on_attributes(pairs: Sequence[Pair]) -> list[SpanAgreement]:
    """Agreement on attributes, all and by type."""
    return _agreement(pairs, _attribute_spans)


def agree_on_flags(pairs: Sequence[Pair]) -> list[FlagAgreement]:
    """Agreement on each assertion flag, over the spans with the same begin, end and type."""
    answers = [
        (one.entities[i].assertion, other.entities[j].assertion)
        for one, other in pairs
        for i, j in match_exactly(_entity_spans(one), _entity_spans(other)).items()
    ]
    return [_flag(name, [(getattr(a, name), getattr(b, name)) for a, b in answers]) for name in ASSERTIONS]


def kappa_of(answers: Sequence[tuple[bool, bool]]) -> float | None:
    """Cohen's kappa of two raters' yes and no; None where chance alone would agree on everything."""
    if not answers:
        return None
    size = len(answers)
    observed = sum(a == b for a, b in answers) / size
    first, second = sum(a for a, _ in answers) / size, sum(b for _, b in answers) / size
    expected = first * second + (1 - first) * (1 - second)
    return None if expected == 1 else round((observed - expected) / (1 - expected), 4)


def _flag(name: str, answers: Sequence[tuple[bool, bool]]) -> FlagAgreement:
    first, second = sum(a for a, _ in answers), sum(b for _, b in answers)
    same = round(sum(a == b for a, b in answers) / len(answers), 4) if answers else None
    kappa = kappa_of(answers) if first or second else None
    return FlagAgreement(name, len(answers), first, second, sum(a and b for a, b in answers), same, kappa)


def _agreement(pairs: Sequence[Pair], spans_of: Callable[[LabelledText], list[Span]]) -> list[SpanAgreement]:
    labels = sorted({span.label for pair in pairs for one in pair for span in spans_of(one)})
    counted = {label: list(_counts(pairs, spans_of, label)) for label in labels}
    return [_row(label, counted[label]) for label in labels] + [
        _row(ALL, [row for label in labels for row in counted[label]])
    ]


def _counts(
    pairs: Sequence[Pair], spans_of: Callable[[LabelledText], list[Span]], label: str
) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    for one, other in pairs:
        left = [span for span in spans_of(one) if span.label == label]
        right = [span for span in spans_of(other) if span.label == label]
        strict, overlap = len(match_exactly(left, right)), len(match_by_overlap(left, right))
        yield one.id, (strict, overlap, len(left), len(right))


def _row(label: str, rows: Sequence[tuple[str, tuple[int, int, int, int]]]) -> SpanAgreement:
    documents = sum_by_document(rows)
    totals = [sum(column) for column in zip(*documents, strict=True)] or [0, 0, 0, 0]
    strict, overlap = _f1(0), _f1(1)
    return SpanAgreement(
        label,
        totals[2],
        totals[3],
        strict(totals),
        interval_of(documents, strict),
        overlap(totals),
        interval_of(documents, overlap),
    )


def _f1(place: int) -> Callable[[Sequence[int]], float | None]:
    def value(counts: Sequence[int]) -> float | None:
        wanted = counts[2] + counts[3]
        return round(2 * counts[place] / wanted, 4) if wanted else None

    return value


def _entity_spans(labels: LabelledText) -> list[Span]:
    return [Span(entity.begin, entity.end, entity.entity_type.value) for entity in labels.entities]


def _attribute_spans(labels: LabelledText) -> list[Span]:
    return [Span(a.begin, a.end, a.type.value) for entity in labels.entities for a in entity.attributes]
