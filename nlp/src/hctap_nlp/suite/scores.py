"""How an engine's answers to the suite compare with what its sentences say: counts, and each answer that was wrong.

Systems are given the marked entities, so only their assertion and attributes are asked. A record answers an entity of
the same span and type; an entity without a record counts as asserted plainly and without attributes.

- assertion phenomena: each of the five attributes of each entity.
- regimen phenomena: an attribute is right where its entity has one of the same type at a shared code point; a row
  `TYPE norm` counts those whose normal form is known, and right is the same form.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hctap_core.entities import Attribute
from hctap_core.evaluation import ASSERTIONS, Counts, Predictions
from hctap_core.gold import GoldEntity
from hctap_core.matching import Span, match_by_overlap
from hctap_nlp.suite.sentences import Phenomenon, Sentence

NORM: Final = " norm"
_NORMED: Final = frozenset({"ROUTE", "FREQUENCY", "DURATION", "PRN", "STATUS", "UNIT"})


@dataclass(frozen=True, slots=True)
class Failure:
    """A wrong answer: about which words of which sentence, what was wanted and what was given (None: nothing)."""

    sentence: Sentence
    attribute: str
    begin: int
    end: int
    wanted: str | None
    given: str | None


@dataclass(slots=True)
class Scores:
    """Counts by phenomenon and attribute, and the failures in the sentences' order."""

    counts: dict[tuple[Phenomenon, str], Counts] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    def add(self, phenomenon: Phenomenon, attribute: str, right: int, given: int, wanted: int) -> None:
        """Count answers."""
        if right or given or wanted:
            self.counts[phenomenon, attribute] = self.of(phenomenon, attribute).plus(right, given, wanted)

    def of(self, phenomenon: Phenomenon | None, attribute: str | None) -> Counts:
        """The pooled counts of a phenomenon and an attribute; None stands for all (without the rows of norms)."""
        pool = Counts()
        for (one, name), counts in self.counts.items():
            named = name == attribute if attribute else not name.endswith(NORM)
            if named and phenomenon in (None, one):
                pool = pool.plus(*counts)
        return pool


def score_suite(sentences: Iterable[Sentence], answers: Predictions) -> Scores:
    """The scores of the answers: entity records by the sentence's id."""
    scores = Scores()
    for sentence in sentences:
        records = {(r["begin"], r["end"], str(r["entity_type"])): r for r in answers.get(sentence.id, ())}
        for entity in sentence.gold.entities:
            record = records.get((entity.begin, entity.end, entity.entity_type.value), {})
            if sentence.phenomenon.is_of_regimen:
                _count_attributes(scores, sentence, entity, record.get("attributes", ()))
            else:
                _count_assertion(scores, sentence, entity, record.get("assertion") or {})
    return scores


def _count_assertion(scores: Scores, sentence: Sentence, entity: GoldEntity, given: Mapping[str, bool]) -> None:
    for name in ASSERTIONS:
        want, got = bool(getattr(entity.assertion, name)), bool(given.get(name))
        scores.add(sentence.phenomenon, name, want and got, got, want)
        if want != got:
            span = entity.begin, entity.end
            scores.failures.append(Failure(sentence, name, *span, "yes" if want else None, "yes" if got else None))


def _count_attributes(
    scores: Scores, sentence: Sentence, entity: GoldEntity, given: Sequence[Mapping[str, Any]]
) -> None:
    wanted = entity.attributes
    pairs = match_by_overlap(
        [Span(attribute.begin, attribute.end, attribute.type.value) for attribute in wanted],
        [Span(attribute["begin"], attribute["end"], str(attribute["type"])) for attribute in given],
    )
    taken = set(pairs.values())
    for index, attribute in enumerate(wanted):
        _count_pair(scores, sentence, attribute, given[pairs[index]] if index in pairs else None)
    for number, found in enumerate(given):
        if number not in taken:
            kind, norm = str(found["type"]), found.get("norm")
            scores.add(sentence.phenomenon, kind, 0, 1, 0)
            scores.add(sentence.phenomenon, kind + NORM, 0, norm is not None and kind in _NORMED, 0)
            scores.failures.append(Failure(sentence, kind, found["begin"], found["end"], None, str(found["text"])))


def _count_pair(scores: Scores, sentence: Sentence, wanted: Attribute, given: Mapping[str, Any] | None) -> None:
    kind, norm = wanted.type.value, given.get("norm") if given else None
    scores.add(sentence.phenomenon, kind, given is not None, given is not None, 1)
    if given is None:
        scores.failures.append(Failure(sentence, kind, wanted.begin, wanted.end, wanted.text, None))
    if kind not in _NORMED:
        return
    right = norm == wanted.norm is not None
    scores.add(sentence.phenomenon, kind + NORM, right, norm is not None, wanted.norm is not None)
    if given is not None and norm != wanted.norm:
        scores.failures.append(Failure(sentence, kind + NORM, wanted.begin, wanted.end, wanted.norm, norm))


def failures_by_sentence(failures: Iterable[Failure]) -> Iterator[tuple[Sentence, list[Failure]]]:
    """The failures of each sentence together, in order."""
    groups: dict[str, list[Failure]] = {}
    for failure in failures:
        groups.setdefault(failure.sentence.id, []).append(failure)
    return ((group[0].sentence, group) for group in groups.values())
