"""The engine: the extractor of a name, with the shipped model or the one in a folder."""

import argparse
import sys
from pathlib import Path

from benchmarks.peers.protocol import Record, Spans, System, serve
from hctap_nlp.extraction import Extraction, ScoredSpan
from hctap_nlp.extractors import SpanReader, load_extractor


class Engine:
    """An extractor of this project."""

    packages = ("hctap-nlp",)

    def __init__(self, extractor: SpanReader) -> None:
        self._extractor = extractor

    def extract(self, text: str) -> Record:
        """Entities and sections."""
        return _record(self._extractor.extract(text))

    def read_spans(self, text: str, spans: Spans) -> Record:
        """Assertion, codes and attributes of the given spans."""
        return _record(self._extractor.extract_given(text, [ScoredSpan(*span, 1.0) for span in spans]))


def _record(extraction: Extraction) -> Record:
    return {"entities": extraction.entity_records("-", "-"), "sections": extraction.section_records()}


def load(given: argparse.Namespace) -> System:
    """The extractor called `given.extractor`; `given.model` is a folder with a model, if not the shipped one."""
    vocabulary = Path(given.vocabulary)
    if given.model is None:
        return Engine(load_extractor(given.extractor, vocabulary))
    from hctap_nlp.extractors.hybrid import HybridExtractor, ModelExtractor
    from hctap_nlp.statistical.model import load_model
    from hctap_nlp.vocabulary.build import ensure

    make = {"hybrid": HybridExtractor, "model": ModelExtractor}[given.extractor]
    return Engine(make(ensure(vocabulary), load_model(Path(given.model))))


if __name__ == "__main__":
    sys.exit(serve(load, "--extractor", "--model", "--vocabulary"))
