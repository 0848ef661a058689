"""The rules extractor: sections, vocabulary, noun phrases, regimen, results, assertion, codes."""

from collections.abc import Sequence
from importlib import metadata

from hctap_nlp.boundaries import Found, read_apart
from hctap_nlp.engine import Engine
from hctap_nlp.extraction import Extraction, ScoredSpan
from hctap_nlp.vocabulary.artefact import Compiled


class RulesExtractor:
    """Extracts by the compiled vocabulary and the curated rules alone."""

    name = "rules"

    def __init__(self, vocabulary: Compiled) -> None:
        self._engine = Engine(vocabulary)
        self.version = metadata.version("hctap-nlp")
        self.vocabulary_hash: str | None = vocabulary.hash
        self.model_hash: str | None = None

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
        return self._engine.complete(page, self._engine.mentions_by_rule(page)), page.sections
