"""negspaCy with its clinical term set, on a blank English pipeline with sentences and the terms in an entity ruler."""

import argparse
import sys
import warnings
from typing import Any

import spacy
from negspacy.negation import Negex
from negspacy.termsets import termset

from benchmarks.peers.protocol import Record, Spans, System, serve
from benchmarks.peers.terms import read_terms


class Negspacy:
    """The pipeline, whole or only its sentences and NegEx."""

    packages = ("negspacy", "spacy")

    def __init__(self, pipeline: Any) -> None:  # noqa: ANN401 - spaCy is not installed where types are checked
        self._nlp = pipeline

    def extract(self, text: str) -> Record:
        """Matches with negation; the system has no other flag, no codes and no sections."""
        return {"entities": [_entity(span) for span in self._nlp(text).ents], "sections": []}

    def read_spans(self, text: str, spans: Spans) -> Record:
        """Negation of the spans, as entities of the document; those that overlap go in a document of their own."""
        entities = []
        waiting = list(spans)
        while waiting:
            doc = self._nlp.get_pipe("sentencizer")(self._nlp.make_doc(text))
            taken: set[int] = set()
            layer, later = [], []
            for one in waiting:
                span = doc.char_span(one[0], one[1], label=one[2], alignment_mode="expand")
                if span is None:
                    continue
                if taken.isdisjoint(range(span.start, span.end)):
                    taken.update(range(span.start, span.end))
                    layer.append((span.start, one, span))
                else:
                    later.append(one)
            layer.sort(key=lambda row: row[0])
            doc.ents = [span for _, _, span in layer]
            doc = self._nlp.get_pipe("negex")(doc)
            for (_, (begin, end, kind), _), span in zip(layer, doc.ents, strict=True):
                entities.append({**_entity(span), "begin": begin, "end": end, "entity_type": kind})
            waiting = later
        return {"entities": entities, "sections": []}


def _entity(span: Any) -> Record:  # noqa: ANN401 - a spaCy Span
    return {
        "begin": span.start_char,
        "end": span.end_char,
        "entity_type": span.label_,
        "assertion": {"negated": bool(span._.negex)},
        "codes": [],
    }


def load(given: argparse.Namespace) -> System:
    """The pipeline with a pattern for each term."""
    warnings.simplefilter("ignore")
    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    ruler: Any = pipeline.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    patterns = []
    for term in read_terms(given.terms):
        if term.as_written:
            pattern: Any = [{"ORTH": token.text} for token in pipeline.make_doc(term.surface)]
        else:
            pattern = term.surface
        patterns.append({"label": term.type, "pattern": pattern})
    ruler.add_patterns(patterns)
    terms = termset("en_clinical").get_patterns()
    pipeline.add_pipe(Negex.__name__.lower(), config={"neg_termset": terms})
    return Negspacy(pipeline)


if __name__ == "__main__":
    sys.exit(serve(load))
