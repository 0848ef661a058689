"""Scores of readings against gold documents, with intervals: spans, assertion, codes, headings.

- strict: same span and label; overlap: same label and a shared code point, maximum one-to-one matching; spans that
  come twice count once. Labels that a corpus does not tell apart (`A|B`) are joined in gold and readings.
- assertion: per flag; `given` means that the reader was given the gold spans, and a span it left out counts as
  answered no. Otherwise gold and findings of a label are aligned by overlap and only aligned gold is counted.
- codes: whether the first code is right, of all gold with a code in the system, found or not.
- headings: whether a section begins where the gold says.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.codes import CodeMap, clean_code
from benchmarks.documents import Document, Finding, Mention, Reading
from hctap_core.entities import EntityType
from hctap_core.evaluation import ASSERTIONS
from hctap_core.intervals import Interval, interval_of, sum_by_document
from hctap_core.matching import Span, match_by_overlap

ALL: Final = "ALL"
ENTITIES: Final = "ENTITIES"
Rows = list[tuple[str, tuple[int, ...]]]
Readings = Mapping[str, Reading]
_NOTHING: Final = Reading((), ())


@dataclass(frozen=True, slots=True)
class Score:
    """A value between 0 and 1 with its interval and the counts behind it: right, given, wanted."""

    value: float | None
    interval: Interval | None
    right: int
    given: int
    wanted: int


def f1(counts: Sequence[int]) -> float | None:
    """F1 of (right, given, wanted)."""
    return 2 * counts[0] / (counts[1] + counts[2]) if counts[1] + counts[2] else None


def recall(counts: Sequence[int]) -> float | None:
    """The share of the wanted that is right."""
    return counts[0] / counts[2] if counts[2] else None


def score_of(rows: Iterable[tuple[str, Sequence[int]]], value: Callable[[Sequence[int]], float | None] = f1) -> Score:
    """The score of counts by document."""
    documents = sum_by_document(rows)
    totals = [sum(column) for column in zip(*documents, strict=True)] or [0, 0, 0]
    found = value(totals)
    return Score(None if found is None else round(found, 4), interval_of(documents, value), *totals[:3])


def joint_labels(documents: Iterable[Document]) -> dict[str, str]:
    """Label to the joint label under which it is scored, from gold labels of the form `A|B`."""
    groups: list[set[str]] = []
    for joint in sorted({m.label for document in documents for m in document.mentions if "|" in m.label}):
        names = set(joint.split("|"))
        touching = [group for group in groups if group & names]
        groups = [group for group in groups if not group & names] + [names.union(*touching)]
    return {name: "|".join(sorted(group)) for group in groups for name in group}


def joined(label: str, joint: Mapping[str, str]) -> str:
    """The label under which a label is scored."""
    return joint.get(label.split("|", maxsplit=1)[0], label)


def score_spans(documents: Sequence[Document], readings: Readings) -> dict[str, dict[str, Score]]:
    """Label to `strict` and `overlap`, for the gold's labels; ENTITIES pools entity types, ALL all labels."""
    joint = joint_labels(documents)
    labels = sorted({joined(m.label, joint) for document in documents for m in document.mentions})
    rows: dict[tuple[str, str], Rows] = {(label, mode): [] for label in (*labels, ENTITIES, ALL) for mode in _MODES}
    for document in documents:
        findings = readings.get(document.id, _NOTHING).findings
        for label in labels:
            gold = sorted({(m.begin, m.end) for m in document.mentions if joined(m.label, joint) == label})
            given = sorted({(f.begin, f.end) for f in findings if joined(f.label, joint) == label})
            for mode, right in zip(_MODES, _matches(gold, given), strict=True):
                pools = (label, ENTITIES, ALL) if _is_entity(label) else (label, ALL)
                for key in ((pool, mode) for pool in pools):
                    rows[key].append((document.group, (right, len(given), len(gold))))
    return {label: {mode: score_of(rows[label, mode]) for mode in _MODES} for label in (*labels, ENTITIES, ALL)}


_MODES: Final = ("strict", "overlap")
_ENTITY_TYPES: Final = frozenset(EntityType)


def _is_entity(label: str) -> bool:
    return not _ENTITY_TYPES.isdisjoint(label.split("|"))


def _matches(gold: list[tuple[int, int]], given: list[tuple[int, int]]) -> tuple[int, int]:
    overlapping = match_by_overlap([Span(*one, "") for one in gold], [Span(*one, "") for one in given])
    return len(set(gold) & set(given)), len(overlapping)


def score_assertion(
    documents: Sequence[Document],
    readings: Readings,
    *,
    given: bool = True,
    flags: Sequence[str] = ASSERTIONS,
    labels: frozenset[str] | None = None,
) -> dict[str, Score]:
    """Flag (and ALL, over the flags that the gold has) to F1; `labels` restricts which gold is looked at."""
    joint = joint_labels(documents)
    rows: dict[str, Rows] = {flag: [] for flag in flags}
    for document in documents:
        gold = _merged(document, joint, labels, lambda m: m.flags is not None)
        findings = readings.get(document.id, _NOTHING).findings
        pairs = _same_spans(gold, findings) if given else _aligned(gold, findings, joint)
        for flag in flags:
            right = extra = wanted = 0
            for index, mention in enumerate(gold):
                want = flag in (mention.flags or ())
                got = index in pairs and flag in findings[pairs[index]].flags
                right += want and got
                extra += got and not want
                wanted += want and (given or index in pairs)
            rows[flag].append((document.group, (right, right + extra, wanted)))
    scores = {flag: score_of(rows[flag]) for flag in flags}
    pooled = [row for flag in flags if scores[flag].wanted for row in rows[flag]]
    return scores | {ALL: score_of(pooled)}


def score_codes(
    documents: Sequence[Document], readings: Readings, system: str, codes: CodeMap, *, given: bool = False
) -> Score:
    """How many of the gold codes of a system are at first place, found or not; `given` counts what got a code."""
    joint = joint_labels(documents)
    rows: Rows = []
    for document in documents:
        gold = _merged(document, joint, None, lambda m: bool(m.codes))
        findings = readings.get(document.id, _NOTHING).findings
        pairs = _same_spans(gold, findings) if given else _aligned(gold, findings, joint)
        right = coded = wanted = 0
        for index, mention in enumerate(gold):
            acceptable = codes.acceptable(mention.codes, system)
            if acceptable:
                said = findings[pairs[index]].codes if index in pairs else ()
                first = next((clean_code(system, code) for name, code in said if name == system), None)
                wanted += 1
                coded += first is not None
                right += first in acceptable
        rows.append((document.group, (right, coded, wanted)))
    return score_of(rows, recall)


def score_headings(documents: Sequence[Document], readings: Readings) -> Score | None:
    """F1 of where sections begin, over the documents whose gold has sections; None where none has."""
    rows: Rows = []
    for document in documents:
        if document.headings is not None:
            wanted = {begin for begin, _ in document.headings}
            # A section twice with one end counts once, but its begin with two ends twice.
            given = set(readings.get(document.id, _NOTHING).headings)
            rows.append((document.id, (len(wanted & {b for b, _ in given}), len(given), len(set(document.headings)))))
    return score_of(rows) if rows else None


def _merged(
    document: Document, joint: Mapping[str, str], labels: frozenset[str] | None, keep: Callable[[Mention], bool]
) -> list[Mention]:
    """The gold mentions, each span and label once: a flag holds where any of the same mentions has it."""
    merged: dict[tuple[int, int, str], Mention] = {}
    for m in document.mentions:
        label = joined(m.label, joint)
        if not keep(m) or (labels is not None and label not in labels):
            continue
        earlier = merged.get((m.begin, m.end, label), Mention(m.begin, m.end, label, frozenset()))
        flags = (earlier.flags or frozenset()) | (m.flags or frozenset())
        merged[m.begin, m.end, label] = Mention(m.begin, m.end, label, flags, (*earlier.codes, *m.codes))
    return [merged[key] for key in sorted(merged)]


def _same_spans(gold: Sequence[Mention], findings: Sequence[Finding]) -> dict[int, int]:
    places = {(f.begin, f.end): index for index, f in enumerate(findings)}
    return {i: places[m.begin, m.end] for i, m in enumerate(gold) if (m.begin, m.end) in places}


def _aligned(gold: Sequence[Mention], findings: Sequence[Finding], joint: Mapping[str, str]) -> dict[int, int]:
    wanted = [Span(m.begin, m.end, m.label) for m in gold]
    return match_by_overlap(wanted, [Span(f.begin, f.end, joined(f.label, joint)) for f in findings])
