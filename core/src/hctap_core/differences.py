"""Where a run and the gold differ, how sure the scores are, and how right the run's own scores."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from hctap_core.evaluation import ASSERTIONS, Predictions
from hctap_core.gold import GoldEntity, GoldNote
from hctap_core.golds import (
    AssertionConfusion,
    CalibrationBin,
    ErrorKind,
    EvaluationDetails,
    EvaluationError,
    Interval,
    OtherSide,
    ScoreIntervals,
)
from hctap_core.intervals import Value, interval_of
from hctap_core.matching import Span, match_by_overlap, match_exactly

BINS: Final = 10
NONE: Final = "none"
_ALL: Final = "micro"
_Record = Mapping[str, Any]
_VALUES: Final[dict[str, Value]] = {
    "precision": lambda counts: counts[0] / counts[1] if counts[1] else None,
    "recall": lambda counts: counts[0] / counts[2] if counts[2] else None,
    "f1": lambda counts: 2 * counts[0] / (counts[1] + counts[2]) if counts[1] + counts[2] else None,
}


def describe(gold: Sequence[GoldNote], predictions: Predictions) -> tuple[EvaluationDetails, list[EvaluationError]]:
    """The details of an evaluation, and every difference in the order of notes and places.

    Notes that the run does not know count as missed in the intervals, as in the scores; the rest is of shared notes.
    """
    known = [note for note in gold if note.note_id in predictions]
    errors = [error for note in known for error in list_errors(note, predictions[note.note_id])]
    numbered = [error.model_copy(update={"error_no": number}) for number, error in enumerate(errors)]
    counts: dict[ErrorKind, Counter[str]] = defaultdict(Counter)
    for error in errors:
        counts[error.kind][error.entity_type.value] += 1
    details = EvaluationDetails(
        intervals={
            "strict": _intervals(gold, predictions, exact=True),
            "overlap": _intervals(gold, predictions, exact=False),
        },
        types=_confuse_types(known, predictions),
        assertions=_confuse_assertions(known, predictions),
        calibration=calibrate(known, predictions),
        errors={kind: dict(sorted(found.items())) for kind, found in sorted(counts.items())},
    )
    return details, numbered


def list_errors(note: GoldNote, records: Sequence[_Record]) -> Iterator[EvaluationError]:
    """The differences of a note, by place."""
    pairs = _pair(note, records)
    found = [error for index, other in pairs.items() if (error := _compare(note, index, records[other]))]
    missed = [_missed(note.note_id, entity) for index, entity in enumerate(note.entities) if index not in pairs]
    taken = set(pairs.values())
    invented = [_invented(note.note_id, record) for number, record in enumerate(records) if number not in taken]
    yield from sorted([*found, *missed, *invented], key=lambda error: (error.begin, error.end, error.kind))


def calibrate(gold: Sequence[GoldNote], predictions: Predictions) -> tuple[CalibrationBin, ...]:
    """How often the run's entities are right, by overlap, in ten bins of their score."""
    found: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for note in gold:
        records = predictions[note.note_id]
        right = set(match_by_overlap(_gold_spans(note), _spans(records)).values())
        for number, record in enumerate(records):
            score = float(record["score"])
            found[min(int(score * BINS), BINS - 1)].append((score, number in right))
    return tuple(_bin(place, found[place]) for place in range(BINS))


def _bin(place: int, rows: Sequence[tuple[float, bool]]) -> CalibrationBin:
    low, high = place / BINS, (place + 1) / BINS
    if not rows:
        return CalibrationBin(low=low, high=high, entities=0)
    mean = round(sum(score for score, _ in rows) / len(rows), 4)
    right = round(sum(is_right for _, is_right in rows) / len(rows), 4)
    return CalibrationBin(low=low, high=high, entities=len(rows), mean_score=mean, right=right)


def _pair(note: GoldNote, records: Sequence[_Record]) -> dict[int, int]:
    """Pairs of the same type first, then what overlaps among the rest, whatever its type."""
    wanted, given = _gold_spans(note), _spans(records)
    pairs = match_by_overlap(wanted, given)
    left = [index for index in range(len(wanted)) if index not in pairs]
    free = [number for number in range(len(given)) if number not in set(pairs.values())]
    loose = match_by_overlap(
        [wanted[index]._replace(label="") for index in left], [given[number]._replace(label="") for number in free]
    )
    return pairs | {left[index]: free[number] for index, number in loose.items()}


def _compare(note: GoldNote, index: int, record: _Record) -> EvaluationError | None:
    entity = note.entities[index]
    gold_assertions, assertions = _asserted(entity), _asserted_by(record)
    if entity.entity_type.value != str(record["entity_type"]):
        kind = ErrorKind.RETYPED
    elif (entity.begin, entity.end) != (record["begin"], record["end"]):
        kind = ErrorKind.SPAN
    elif entity.assertion is not None and gold_assertions != assertions:
        kind = ErrorKind.ASSERTION
    else:
        return None
    other = OtherSide(
        entity_type=record["entity_type"],
        begin=record["begin"],
        end=record["end"],
        assertions=assertions,
        gold_assertions=gold_assertions,
    )
    return _error(kind, note.note_id, entity, other)


def _missed(note_id: str, entity: GoldEntity) -> EvaluationError:
    return _error(ErrorKind.MISSED, note_id, entity, None)


def _error(kind: ErrorKind, note_id: str, entity: GoldEntity, other: OtherSide | None) -> EvaluationError:
    return EvaluationError(
        error_no=0,
        kind=kind,
        entity_type=entity.entity_type,
        note_id=note_id,
        begin=entity.begin,
        end=entity.end,
        other=other,
    )


def _invented(note_id: str, record: _Record) -> EvaluationError:
    return EvaluationError(
        error_no=0,
        kind=ErrorKind.INVENTED,
        entity_type=record["entity_type"],
        note_id=note_id,
        begin=record["begin"],
        end=record["end"],
    )


def _confuse_types(gold: Sequence[GoldNote], predictions: Predictions) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for note in gold:
        records = predictions[note.note_id]
        pairs = _pair(note, records)
        for index, entity in enumerate(note.entities):
            given = str(records[pairs[index]]["entity_type"]) if index in pairs else NONE
            counts[entity.entity_type.value][given] += 1
        taken = set(pairs.values())
        for number, record in enumerate(records):
            if number not in taken:
                counts[NONE][str(record["entity_type"])] += 1
    return {kind: dict(sorted(found.items())) for kind, found in sorted(counts.items())}


def _confuse_assertions(gold: Sequence[GoldNote], predictions: Predictions) -> dict[str, AssertionConfusion]:
    counts: Counter[tuple[str, bool, bool]] = Counter()
    for note in gold:
        records = predictions[note.note_id]
        for index, other in match_by_overlap(_gold_spans(note), _spans(records)).items():
            entity = note.entities[index]
            if entity.assertion is not None:
                wanted, given = _asserted(entity), _asserted_by(records[other])
                counts.update((name, name in wanted, name in given) for name in ASSERTIONS)
    return {
        name: AssertionConfusion(
            both=counts[name, True, True],
            only_gold=counts[name, True, False],
            only_run=counts[name, False, True],
            neither=counts[name, False, False],
        )
        for name in ASSERTIONS
    }


def _intervals(gold: Sequence[GoldNote], predictions: Predictions, *, exact: bool) -> dict[str, ScoreIntervals]:
    by_note = [_counts(note, predictions.get(note.note_id, ()), exact=exact) for note in gold]
    kinds = sorted({kind for counts in by_note for kind in counts})
    return {kind: _interval([counts.get(kind, (0, 0, 0)) for counts in by_note]) for kind in (_ALL, *kinds)}


def _interval(documents: Sequence[tuple[int, int, int]]) -> ScoreIntervals:
    found = {name: interval_of(documents, value) for name, value in _VALUES.items()}
    return ScoreIntervals(**{name: Interval(**one._asdict()) if one else None for name, one in found.items()})


def _counts(note: GoldNote, records: Sequence[_Record], *, exact: bool) -> dict[str, tuple[int, int, int]]:
    """Right, predicted and gold, by type and for all."""
    wanted, given = _gold_spans(note), _spans(records)
    pairs = (match_exactly if exact else match_by_overlap)(wanted, given)
    right = Counter(wanted[index].label for index in pairs)
    predicted, gold = Counter(span.label for span in given), Counter(span.label for span in wanted)
    counts = {kind: (right[kind], predicted[kind], gold[kind]) for kind in predicted.keys() | gold.keys()}
    return counts | {_ALL: (len(pairs), len(given), len(wanted))}


def _asserted(entity: GoldEntity) -> tuple[str, ...]:
    return tuple(name for name in ASSERTIONS if entity.assertion is not None and getattr(entity.assertion, name))


def _asserted_by(record: _Record) -> tuple[str, ...]:
    given = record.get("assertion") or {}
    return tuple(name for name in ASSERTIONS if given.get(name))


def _gold_spans(note: GoldNote) -> list[Span]:
    return [Span(entity.begin, entity.end, entity.entity_type.value) for entity in note.entities]


def _spans(records: Sequence[_Record]) -> list[Span]:
    return [Span(record["begin"], record["end"], str(record["entity_type"])) for record in records]
