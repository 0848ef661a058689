"""The extractors by name; each is imported only when it is asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from hctap_core.errors import UnknownExtractor
from hctap_nlp.extraction import Extraction
from hctap_nlp.vocabulary.build import Progress

EXTRACTORS = ("rules",)


class Extractor(Protocol):
    """Text in, mentions and sections out; no I/O after it is loaded."""

    name: str
    version: str
    vocabulary_hash: str | None

    def extract(self, text: str) -> Extraction:
        """The mentions and sections of a text."""
        ...


def load_extractor(name: str, vocabulary_folder: Path, progress: Progress | None = None) -> Extractor:
    """The extractor of that name, ready to work; compiles the vocabulary into `vocabulary_folder` on first use.

    Raises:
        UnknownExtractor: With the names that are known.
        ExtractorUnavailable: Where its vocabulary or model cannot be loaded; there is no fallback.
    """
    if name not in EXTRACTORS:
        raise UnknownExtractor(f"There is no extractor {name!r}.", remedy=f"Known extractors: {', '.join(EXTRACTORS)}.")
    from hctap_nlp.extractors.rules import RulesExtractor
    from hctap_nlp.vocabulary.build import ensure

    factories: dict[str, Callable[[], Extractor]] = {
        "rules": lambda: RulesExtractor(ensure(vocabulary_folder, progress)),
    }
    return factories[name]()
