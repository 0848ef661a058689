"""The extractors with a statistical layer: `hybrid` (rules for notes, taggers for other genres) and `model`.

Measured on corpora that the taggers did not see (docs/models.md): on case reports, abstracts and criteria the taggers
are ahead of the rules, on clinical notes the rules are ahead of taggers that were trained on other genres.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from importlib import metadata

from hctap_core.entities import EntityType
from hctap_nlp.boundaries import Found, read_apart
from hctap_nlp.engine import Engine, Page
from hctap_nlp.extraction import Extraction, Mention, ScoredSpan
from hctap_nlp.literature import LiteratureCoder
from hctap_nlp.statistical.abbreviations import give_codes_of_definitions
from hctap_nlp.statistical.attachment import attach_attributes
from hctap_nlp.statistical.features import vocabulary_tags
from hctap_nlp.statistical.genre import Genre
from hctap_nlp.statistical.model import Model
from hctap_nlp.vocabulary.artefact import Compiled, is_own

_ENTITY_TYPES = frozenset(EntityType)


class HybridExtractor:
    """Reads notes by rule, other genres by their taggers, and by rule what those taggers do not know."""

    name = "hybrid"

    def __init__(self, vocabulary: Compiled, model: Model) -> None:
        self._engine = Engine(vocabulary)
        self._literature = LiteratureCoder(self._engine.matcher, vocabulary)
        self._model = model
        self.version = metadata.version("hctap-nlp")
        self.vocabulary_hash: str | None = vocabulary.hash
        self.model_hash: str | None = model.hash

    def extract_given(self, text: str, spans: Sequence[ScoredSpan]) -> Extraction:
        """The given spans as mentions, in their order, with codes, attributes and assertion."""
        page, mentions = self._engine.read_given(text, spans)
        return Extraction(text, mentions, page.sections, self.name, self.version)

    def extract(self, text: str) -> Extraction:
        """The mentions and sections of a text, in text order; several notes in one text are read apart."""
        mentions, sections = read_apart(text, self._read_note)
        return Extraction(text, mentions, sections, self.name, self.version)

    def _read_note(self, text: str) -> Found:
        page = self._engine.open(text)
        genre = self._genre_of(page.text)
        if self._model.reads(genre):
            return self._read_by_model(page, genre), page.sections
        return self._engine.complete(page, self._engine.mentions_by_rule(page)), page.sections

    def _genre_of(self, text: str) -> Genre:
        return self._model.genres.genre_of(text)

    def _read_by_model(self, page: Page, genre: Genre) -> tuple[Mention, ...]:
        tags = vocabulary_tags(page.shadow, page.hits, self._engine.matcher)
        spans = self._model.spans(page.text, genre, page.sentences, tags)
        known = self._model.labels(genre)
        entities = [span for span in spans if span.label in _ENTITY_TYPES]
        mentions = self._engine.mentions_of_spans(page, entities, f"model:{genre.value}")
        if genre is Genre.ABSTRACT:
            for mention in mentions:
                mention.codes = self._literature.code(mention, partial(self._model.named, genre, mention.type))
            give_codes_of_definitions(page.text, mentions)
        by_rule = self._engine.mentions_by_rule(page)
        own = [mention for mention in by_rule if is_own(mention.source)]
        mentions = _merge(own, mentions) if own else mentions
        mentions = _merge(mentions, [mention for mention in by_rule if mention.type not in known])
        has_attributes = not known <= _ENTITY_TYPES
        if has_attributes:
            attach_attributes(page.text, page.sentences, mentions, _attributes(spans))
        return self._engine.complete(
            page, mentions, with_attributes=not has_attributes, of_a_patient=genre is not Genre.ABSTRACT
        )


class ModelExtractor(HybridExtractor):
    """Reads every text by taggers, notes by those of case reports: for comparison, and for texts unlike notes."""

    name = "model"

    def _genre_of(self, text: str) -> Genre:
        genre = self._model.genres.genre_of(text)
        return genre if self._model.reads(genre) else Genre.CASE_REPORT


def _attributes(spans: Iterable[ScoredSpan]) -> list[ScoredSpan]:
    return [span for span in spans if span.label not in _ENTITY_TYPES]


def _merge(first: Sequence[Mention], others: Iterable[Mention]) -> list[Mention]:
    """The first mentions, and those of the others that overlap none of them, in text order."""
    merged = list(first)
    merged += [m for m in others if all(m.end <= one.begin or m.begin >= one.end for one in first)]
    return sorted(merged, key=lambda mention: (mention.begin, mention.end))
