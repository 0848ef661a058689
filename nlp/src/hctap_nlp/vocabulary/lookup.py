"""Looking into a compiled vocabulary: what it is made of, what a code means, which terms hold some words."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Final

from hctap_core.errors import ExtractorUnavailable
from hctap_nlp.shadow import shadow_of
from hctap_nlp.vocabulary import icd10cm
from hctap_nlp.vocabulary.artefact import Compiled, Concept

_ICD: Final = "ICD-10-CM"
_MOST_TERMS: Final = 50


class Lookup:
    """Questions about a vocabulary; the tables for them are made when first asked."""

    def __init__(self, vocabulary: Compiled) -> None:
        self._vocabulary = vocabulary

    def describe(self) -> dict[str, Any]:
        """The sources with release, licence, rows and concepts, then totals, and the hash that results name."""
        vocabulary = self._vocabulary
        concepts = Counter(concept.source for concept in vocabulary.concepts)
        sources = [source | {"concepts": concepts[source["name"]]} for source in vocabulary.header["sources"]]
        own = vocabulary.header.get("own")
        return {
            "hash": vocabulary.hash,
            "terms": len(vocabulary.senses),
            "concepts": len(vocabulary.concepts),
            "by_type": dict(sorted(Counter(concept.type for concept in vocabulary.concepts).items())),
            "sources": sources,
            "own_rows": own["rows"] if own else 0,
            "own_hash": own["hash"] if own else None,
        }

    def code(self, system: str, code: str) -> dict[str, Any] | None:
        """What a code means: its title, edition and the concepts that carry it; None where nothing knows it."""
        numbers = self._numbers_of_code.get((system, code), ())
        title, release = self._title(system, code, numbers)
        if not numbers and title is None:
            return None
        concepts = [self._show(number) for number in numbers]
        return {"system": system, "code": code, "display": title or "", "release": release, "concepts": concepts}

    def search(self, words: str, kind: str | None, limit: int) -> list[dict[str, Any]]:
        """The terms that hold the words, those that begin with them first, each with what it means."""
        wanted = shadow_of(words).strip()
        if not wanted:
            return []
        return list(islice(self._matches(wanted, kind), limit))

    def _matches(self, wanted: str, kind: str | None) -> Iterator[dict[str, Any]]:
        begins_with, beginning = f" {wanted}", []
        place = bisect_left(self._terms, begins_with)
        while place < len(self._terms) and self._terms[place].startswith(begins_with):
            beginning.append(place)
            place += 1
        first = set(beginning)
        inside = (n for n, term in enumerate(self._terms) if begins_with in term and n not in first)
        for number in (*beginning, *inside, *self._added_with(begins_with)):
            yield from self._senses(number, kind)

    def _added_with(self, begins_with: str) -> Iterator[int]:
        for place, term in enumerate(self._vocabulary.added, start=len(self._terms)):
            if begins_with in term:
                yield place

    def _senses(self, number: int, kind: str | None) -> Iterator[dict[str, Any]]:
        term = self._term(number)
        for concept_number, _ in self._vocabulary.senses[number]:
            concept = self._vocabulary.concepts[concept_number]
            if kind is None or concept.type == kind:
                yield {"term": term.strip(), **_concept(concept)}

    @property
    def _terms(self) -> Sequence[str]:
        return self._vocabulary.terms

    def _term(self, number: int) -> str:
        known = self._vocabulary.terms
        return known[number] if number < len(known) else self._vocabulary.added[number - len(known)]

    @cached_property
    def _numbers_of_code(self) -> dict[tuple[str, str], tuple[int, ...]]:
        found: dict[tuple[str, str], tuple[int, ...]] = {}
        for number, concept in enumerate(self._vocabulary.concepts):
            for system, code, *_ in concept.codes:
                found[system, code] = (*found.get((system, code), ()), number)
        return found

    @cached_property
    def _terms_of_concept(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for term, senses in enumerate(self._vocabulary.senses):
            for concept, _ in senses:
                found.setdefault(concept, []).append(term)
        return found

    def _show(self, number: int) -> dict[str, Any]:
        terms = self._terms_of_concept.get(number, [])
        shown = [self._term(term).strip() for term in terms[:_MOST_TERMS]]
        return _concept(self._vocabulary.concepts[number]) | {"terms": shown}

    def _title(self, system: str, code: str, numbers: tuple[int, ...]) -> tuple[str | None, str]:
        for number in numbers:
            for its_system, its_code, display, release, *_ in self._vocabulary.concepts[number].codes:
                if (its_system, its_code) == (system, code):
                    return display, release
        if system != _ICD:
            return None, ""
        try:
            if code.replace(".", "") in icd10cm.listed_codes():
                return icd10cm.title_of(code), icd10cm.release()
        except ExtractorUnavailable:
            pass  # an installation that carries the compiled file has no code list, and so no more titles
        return None, ""


def _concept(concept: Concept) -> dict[str, Any]:
    codes = [{"system": c[0], "code": c[1], "display": c[2], "release": c[3]} for c in concept.codes]
    return {"entity_type": concept.type, "name": concept.name, "source": concept.source, "codes": codes}
