"""How good the entities of a run are against gold: strict, by overlap, and on the notes that both know.

- strict: same span and same type; overlap: same type and a shared code point, maximum one-to-one matching.
- `strict` and `overlap` count every gold note, so a note that the run does not know is all misses;
  `intersection` counts only the notes that gold and run both know (HC-TAP's word for it).
- micro pools the counts of all types, with the 95 percent interval of its F1 (by note, see `intervals`); macro is the
  mean of the types' scores.
- assertion and codes are scored on the gold entities that a prediction overlaps, so that a missed entity is not
  counted twice; `aligned` says how many those are. Attributes are scored by overlap on all of the shared notes' gold.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from hctap_core.entities import Assertion, CodeSystem
from hctap_core.gold import GoldNote
from hctap_core.intervals import interval_of
from hctap_core.matching import Span, match_by_overlap, match_exactly

ASSERTIONS = ("negated", "uncertain", "historical", "hypothetical", "family")
Predictions = Mapping[str, Sequence[Mapping[str, Any]]]
SectionPredictions = Mapping[str, Sequence[Mapping[str, Any]]]


class Counts(NamedTuple):
    """Right answers, answers given, answers wanted."""

    right: int = 0
    predicted: int = 0
    gold: int = 0

    def plus(self, right: int, predicted: int, gold: int) -> "Counts":
        """These counts and those."""
        return Counts(self.right + right, self.predicted + predicted, self.gold + gold)

    def minus(self, other: "Counts") -> "Counts":
        """These counts without those."""
        return Counts(self.right - other.right, self.predicted - other.predicted, self.gold - other.gold)

    def scores(self) -> dict[str, float | int | None]:
        """Precision, recall and F1 in 0..1 (None where there is nothing to divide by), with the counts."""
        return {
            "precision": _ratio(self.right, self.predicted),
            "recall": _ratio(self.right, self.gold),
            "f1": _ratio(2 * self.right, self.predicted + self.gold),
            "right": self.right,
            "predicted": self.predicted,
            "gold": self.gold,
        }


def evaluate(
    gold: Sequence[GoldNote], predictions: Predictions, sections: SectionPredictions | None = None
) -> dict[str, Any]:
    """Every score of the predictions (entity records by note id) against the gold, as plain numbers.

    `predictions` must have a key for each note that was processed, also for one without entities.
    """
    known = [note for note in gold if note.note_id in predictions]
    result: dict[str, Any] = {
        "coverage": _coverage(gold, predictions),
        **_spans(gold, predictions),
        "intersection": _spans(known, predictions),
        **_details(known, predictions),
    }
    if sections is not None and any(note.sections is not None for note in known):
        result["sections"] = _headings(known, sections)
    return result


def _sum(several: Iterable[Counts]) -> Counts:
    total = Counts()
    for one in several:
        total = total.plus(*one)
    return total


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _coverage(gold: Sequence[GoldNote], predictions: Predictions) -> dict[str, int]:
    ids = {note.note_id for note in gold}
    return {
        "gold_notes": len(gold),
        "gold_items": sum(len(note.entities) for note in gold),
        "pred_notes": len(ids & predictions.keys()),
        "pred_items": sum(len(predictions[note_id]) for note_id in ids & predictions.keys()),
        "gold_outside_pred_notes": sum(len(n.entities) for n in gold if n.note_id not in predictions),
    }


def _gold_spans(note: GoldNote) -> list[Span]:
    return [Span(entity.begin, entity.end, entity.entity_type.value) for entity in note.entities]


def _predicted_spans(records: Sequence[Mapping[str, Any]]) -> list[Span]:
    return [Span(record["begin"], record["end"], str(record["entity_type"])) for record in records]


def _spans(gold: Sequence[GoldNote], predictions: Predictions) -> dict[str, Any]:
    result = {}
    for name, match in (("strict", match_exactly), ("overlap", match_by_overlap)):
        counts: dict[str, Counts] = {}
        by_note = []
        for note in gold:
            wanted, given = _gold_spans(note), _predicted_spans(predictions.get(note.note_id, ()))
            right = Counter(wanted[index].label for index in match(wanted, given))
            all_given, all_wanted = Counter(s.label for s in given), Counter(s.label for s in wanted)
            for label in sorted(all_given.keys() | all_wanted.keys()):
                earlier = counts.get(label, Counts())
                counts[label] = earlier.plus(right[label], all_given[label], all_wanted[label])
            by_note.append((right.total(), len(given), len(wanted)))
        result[name] = _summary(counts, by_note)
    return result


def _f1(counts: Sequence[int]) -> float | None:
    right, predicted, gold = counts
    return 2 * right / (predicted + gold) if predicted + gold else None


def _sure(counts: Counts, by_note: Sequence[Sequence[int]]) -> dict[str, Any]:
    """The scores of counts, with the 95 percent interval of F1 where there are notes enough."""
    return counts.scores() | {"f1_interval": interval_of(by_note, _f1)}


def _summary(counts: Mapping[str, Counts], by_note: Sequence[Sequence[int]]) -> dict[str, Any]:
    micro = _sum(counts.values())
    by_type = {label: counts[label].scores() for label in sorted(counts)}
    wanted = [scores for label, scores in by_type.items() if counts[label].gold]
    macro = {
        key: _ratio(sum(scores[key] or 0.0 for scores in wanted), len(wanted)) for key in ("precision", "recall", "f1")
    }
    return {"micro": _sure(micro, by_note), "macro": macro, "by_type": by_type}


def _details(gold: Sequence[GoldNote], predictions: Predictions) -> dict[str, Any]:
    assertion = dict.fromkeys(ASSERTIONS, Counts())
    attributes: dict[str, Counts] = {}
    codes = {"gold": 0, "coded": 0, "right": 0, "right_category": 0}
    aligned = 0
    asserted_by_note, attributes_by_note = [], []
    for note in gold:
        records = predictions[note.note_id]
        before = (_sum(assertion.values()), _sum(attributes.values()))
        pairs = match_by_overlap(_gold_spans(note), _predicted_spans(records))
        aligned += len(pairs)
        for index, other in pairs.items():
            _count_assertion(assertion, note.entities[index].assertion, records[other])
            _count_code(codes, note, index, records[other])
        _count_attributes(attributes, note, records)
        asserted_by_note.append(_sum(assertion.values()).minus(before[0]))
        attributes_by_note.append(_sum(attributes.values()).minus(before[1]))
    micro = _sum(assertion.values())
    return {
        "aligned": aligned,
        "assertion": {
            "micro": _sure(micro, asserted_by_note),
            "by_attribute": {k: c.scores() for k, c in assertion.items()},
        },
        "attributes": _summary(attributes, attributes_by_note),
        "codes": {
            "ICD-10-CM": codes
            | {
                "accuracy": _ratio(codes["right"], codes["gold"]),
                "category_accuracy": _ratio(codes["right_category"], codes["gold"]),
            }
        },
    }


def _count_assertion(counts: dict[str, Counts], wanted: Assertion | None, record: Mapping[str, Any]) -> None:
    if wanted is None:
        return
    given = record.get("assertion") or {}
    for name in ASSERTIONS:
        want, got = bool(getattr(wanted, name)), bool(given.get(name))
        counts[name] = counts[name].plus(want and got, got, want)


def _count_code(counts: dict[str, int], note: GoldNote, index: int, record: Mapping[str, Any]) -> None:
    wanted = {code.code for code in note.entities[index].codes if code.system is CodeSystem.ICD_10_CM}
    if not wanted:
        return
    given = [code["code"] for code in record.get("codes", ()) if str(code["system"]) == CodeSystem.ICD_10_CM.value]
    counts["gold"] += 1
    counts["coded"] += bool(given)
    counts["right"] += bool(given) and given[0] in wanted
    counts["right_category"] += bool(given) and given[0][:3] in {code[:3] for code in wanted}


def _count_attributes(counts: dict[str, Counts], note: GoldNote, records: Sequence[Mapping[str, Any]]) -> None:
    wanted = [Span(a.begin, a.end, a.type.value) for entity in note.entities for a in entity.attributes]
    given = [Span(a["begin"], a["end"], str(a["type"])) for r in records for a in r.get("attributes", ())]
    right = Counter(wanted[index].label for index in match_by_overlap(wanted, given))
    all_given, all_wanted = Counter(span.label for span in given), Counter(span.label for span in wanted)
    for label in sorted(all_given.keys() | all_wanted.keys()):
        counts[label] = counts.get(label, Counts()).plus(right[label], all_given[label], all_wanted[label])


def _headings(gold: Sequence[GoldNote], sections: SectionPredictions) -> dict[str, Any]:
    begins, types = Counts(), Counts()
    for note in gold:
        wanted = {section.begin: section.type.value for section in note.sections or ()}
        given = {s["begin"]: str(s["type"]) for s in sections.get(note.note_id, ()) if s["header"]}
        shared = wanted.keys() & given.keys()
        begins = begins.plus(len(shared), len(given), len(wanted))
        types = types.plus(sum(wanted[begin] == given[begin] for begin in shared), len(given), len(wanted))
    return {"heading": begins.scores(), "heading_and_type": types.scores()}
