"""Finding the vocabulary's terms in a shadow: one pass of an Aho-Corasick automaton, then the longest term wins.

Every term has a space at both ends, as every word of a shadow has, so the automaton itself keeps to whole words
(A. V. Aho, M. J. Corasick, CACM 18(6), 1975).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import ahocorasick_rs

from hctap_nlp.shadow import Shadow
from hctap_nlp.vocabulary.artefact import Compiled, Concept
from hctap_nlp.vocabulary.rows import CONTEXT_REACH

_LONG_WORD = re.compile(r"[A-Za-z]{3,}")
_LONGEST_SHOUTED = 2
_LONGEST_BEFORE_NUMBER = 3
_NUMBER_AFTER = re.compile(r"[ \t]?[:=]?[ \t]?\d+(?:\.\d|\d)")
_APOSTROPHES = ("'", "’")
_TITLE_BEFORE = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Miss)\.?[ ]$")
_FEWEST_AROUND = 3
_AROUND = 30

_T = TypeVar("_T")
Hit = tuple[int, int, int]  # shadow begin and end (without the spaces), concept number


class _Memory(dict[int, _T]):
    """What was asked of a sequence once, by its index."""

    def __init__(self, sequence: Sequence[_T]) -> None:
        super().__init__()
        self._sequence = sequence

    def __missing__(self, index: int) -> _T:
        self[index] = found = self._sequence[index]
        return found


class Matcher:
    """The terms of a compiled vocabulary, ready to scan."""

    def __init__(self, vocabulary: Compiled) -> None:
        self.concepts = _Memory(vocabulary.concepts)
        self._terms, self._senses = vocabulary.terms, _Memory(vocabulary.senses)
        self._automaton = _automaton_of(vocabulary.terms)
        self._added = {term: place for place, term in enumerate(vocabulary.added, start=len(vocabulary.terms))}
        self._second = _automaton_of(vocabulary.added) if self._added else None

    def find(self, shadow: Shadow) -> list[Hit]:
        """The terms in the shadow that do not overlap: from left to right, the longest at each place."""
        found = self._automaton.find_matches_as_indexes(shadow.words, overlapping=True)
        if self._second is not None:
            own = self._second.find_matches_as_indexes(shadow.words, overlapping=True)
            found += [(term + len(self._terms), begin, end) for term, begin, end in own]
        found.sort(key=_from_left_longest_first)
        hits: list[Hit] = []
        reach = 0
        is_lined = "\n" in shadow.text or "." in shadow.text
        for term, begin, end in found:
            if begin + 1 < reach or (is_lined and self._is_parted(shadow, begin + 1, end - 1)):
                continue
            concept = self._sense_of(term, shadow, begin + 1, end - 1)
            if concept is not None:
                hits.append((begin + 1, end - 1, concept))
                reach = end
        return hits

    @staticmethod
    def _is_parted(shadow: Shadow, begin: int, end: int) -> bool:
        return shadow.words.find(" ", begin, end) >= 0 and shadow.is_parted(begin, end)

    def _sense_of(self, term: int, shadow: Shadow, begin: int, end: int) -> int | None:
        for number, limits in self._senses[term]:
            if limits is None or _holds(limits, shadow, begin, end, is_test=self.concepts[number].type == "TEST"):
                return number
        return None

    def named(self, form: str, kind: str, *, restricted: bool = False) -> Concept | None:
        """The concept of a type that a form in shadow names, or None; with `restricted` also under restrictions."""
        place = bisect_left(self._terms, form)
        if place == len(self._terms) or self._terms[place] != form:
            if form not in self._added:
                return None
            place = self._added[form]
        for number, limits in self._senses[place]:
            if (limits is None or restricted) and self.concepts[number].type == kind:
                return self.concepts[number]
        return None

    def concept(self, number: int) -> Concept:
        """The concept of a hit."""
        return self.concepts[number]


def _automaton_of(terms: Sequence[str]) -> ahocorasick_rs.AhoCorasick:
    return ahocorasick_rs.AhoCorasick(
        terms,
        matchkind=ahocorasick_rs.MatchKind.Standard,
        store_patterns=False,
        implementation=ahocorasick_rs.Implementation.ContiguousNFA,
    )


def _from_left_longest_first(found: tuple[int, int, int]) -> tuple[int, int]:
    return found[1], -found[2]


def _holds(limits: dict[str, Any], shadow: Shadow, begin: int, end: int, *, is_test: bool) -> bool:
    if "exact" in limits:
        written = shadow.text[shadow.begin_of(begin) : shadow.end_of(end)]
        if written != limits["exact"] or _is_name(shadow.text, shadow.begin_of(begin), shadow.end_of(end)):
            return False
        if _shouts(shadow.text, shadow.begin_of(begin), shadow.end_of(end)):
            return False
    if "unless" in limits:
        beside = _beside(shadow.words, begin, end, over_and="exact" in limits)  # `SI and S2`
        if any(word in limits["unless"] for word in beside):
            return False
    if is_test and end - begin <= _LONGEST_BEFORE_NUMBER and _NUMBER_AFTER.match(shadow.text, shadow.end_of(end)):
        return True  # `T 38.2`, `ALT 46`: a value says more than words around
    if "context" in limits:
        around = shadow.words[max(0, begin - CONTEXT_REACH) : end + CONTEXT_REACH]
        return any(f" {word} " in around for word in limits["context"])
    return True


def _is_name(text: str, begin: int, end: int) -> bool:
    """Whether letters stand for a person (`Mr. T`, `T's`) and not for a term."""
    return end - begin <= _LONGEST_SHOUTED and (
        text[end : end + 1] in _APOSTROPHES or _TITLE_BEFORE.search(text, max(0, begin - 5), begin) is not None
    )


def _shouts(text: str, begin: int, end: int) -> bool:
    """Whether the words around are all capitals, so that a word's capitals say nothing (`LEFT OR RIGHT`)."""
    if end - begin > _LONGEST_SHOUTED or not text[begin:end].isalpha():
        return False
    around = _LONG_WORD.findall(f"{text[max(0, begin - _AROUND) : begin]} {text[end : end + _AROUND]}")
    return len(around) >= _FEWEST_AROUND and all(word.isupper() for word in around)


def _beside(words: str, begin: int, end: int, *, over_and: bool) -> Iterator[str]:
    yield words[max(0, begin - _AROUND) : begin].rstrip().rpartition(" ")[2]
    following = words[end : end + _AROUND].lstrip()
    yield following.partition(" ")[0]
    if over_and and following.startswith("and "):
        yield following[4:].partition(" ")[0]
