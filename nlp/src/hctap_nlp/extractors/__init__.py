"""The extractors by name; each is imported only when it is asked for."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from hctap_core.errors import UnknownExtractor
from hctap_nlp.extraction import Extraction, ScoredSpan
from hctap_nlp.vocabulary.artefact import Compiled
from hctap_nlp.vocabulary.build import Progress

EXTRACTORS = ("hybrid", "rules", "model")
DEFAULT_EXTRACTOR = "hybrid"


class Extractor(Protocol):
    """Text in, mentions and sections out; no I/O after it is loaded."""

    name: str
    version: str
    vocabulary_hash: str | None
    model_hash: str | None

    def extract(self, text: str) -> Extraction:
        """The mentions and sections of a text."""
        ...


class SpanReader(Extractor, Protocol):
    """An extractor that also reads spans that somebody else found."""

    def extract_given(self, text: str, spans: Sequence[ScoredSpan]) -> Extraction:
        """The given spans as mentions, in their order, with codes, attributes and assertion."""
        ...


def load_extractor(
    name: str, vocabulary_folder: Path, progress: Progress | None = None, *, terms: Path | None = None
) -> SpanReader:
    """The extractor of that name, ready to work; compiles the vocabulary into `vocabulary_folder` on first use.

    `terms` is the folder of a user's own rows, see `hctap_core.home.find_terms`.

    Raises:
        UnsupportedInput: Where one of the user's own rows is wrong.
        UnknownExtractor: With the names that are known.
        ExtractorUnavailable: Where its vocabulary or model cannot be loaded; there is no fallback.
    """
    check_name(name)
    from hctap_nlp.vocabulary.build import ensure
    from hctap_nlp.vocabulary.own.overlay import with_own_terms

    return make_extractor(name, with_own_terms(ensure(vocabulary_folder, progress), terms))


def make_extractor(name: str, vocabulary: Compiled) -> SpanReader:
    """The extractor of that name over a vocabulary that is in memory already.

    Raises:
        UnknownExtractor: With the names that are known.
        ExtractorUnavailable: Where its model cannot be loaded.
    """
    check_name(name)
    return _FACTORIES[name](vocabulary)


def check_name(name: str) -> None:
    """See that there is an extractor of that name.

    Raises:
        UnknownExtractor: With the names that are known.
    """
    if name not in EXTRACTORS:
        raise UnknownExtractor(f"There is no extractor {name!r}.", remedy=f"Known extractors: {', '.join(EXTRACTORS)}.")


def _rules(vocabulary: Compiled) -> SpanReader:
    from hctap_nlp.extractors.rules import RulesExtractor

    return RulesExtractor(vocabulary)


def _hybrid(vocabulary: Compiled) -> SpanReader:
    from hctap_nlp.extractors.hybrid import HybridExtractor
    from hctap_nlp.statistical.model import load_model

    return HybridExtractor(vocabulary, load_model())


def _model(vocabulary: Compiled) -> SpanReader:
    from hctap_nlp.extractors.hybrid import ModelExtractor
    from hctap_nlp.statistical.model import load_model

    return ModelExtractor(vocabulary, load_model())


_FACTORIES: dict[str, Callable[[Compiled], SpanReader]] = {"rules": _rules, "hybrid": _hybrid, "model": _model}
