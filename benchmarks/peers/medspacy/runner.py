"""medSpaCy with its default tokenizer, sentence splitter, ConText and section rules; the terms are target rules."""

import argparse
import logging
import os
import sys
from typing import Any

os.environ["LOGURU_LEVEL"] = "ERROR"  # PyRuSH logs the text of notes otherwise

import medspacy
from medspacy.target_matcher import TargetRule

from benchmarks.peers.protocol import Record, Spans, System, serve
from benchmarks.peers.terms import read_terms

_FLAGS = {
    "negated": "is_negated",
    "uncertain": "is_uncertain",
    "historical": "is_historical",
    "hypothetical": "is_hypothetical",
    "family": "is_family",
}


class MedSpacy:
    """The pipeline, whole or behind the target matcher."""

    packages = ("medspacy", "spacy", "PyRuSH")

    def __init__(self, pipeline: Any) -> None:  # noqa: ANN401 - spaCy is not installed where types are checked
        self._nlp = pipeline

    def extract(self, text: str) -> Record:
        """Target matches with ConText flags, codes of the rules, and sections."""
        doc = self._nlp(text)
        return {"entities": [_entity(span) for span in doc.ents], "sections": _sections(doc)}

    def read_spans(self, text: str, spans: Spans) -> Record:
        """ConText flags of the spans, as entities of the document; those that overlap go in a document of their own."""
        entities: list[Record | None] = [None] * len(spans)
        waiting = list(range(len(spans)))
        while waiting:
            doc = self._prepared(text)
            layer, waiting = _layer(doc, spans, waiting)
            doc.ents = [span for _, span in layer]
            for name in ("medspacy_context", "medspacy_sectionizer"):
                doc = self._nlp.get_pipe(name)(doc)
            for (index, _), span in zip(sorted(layer, key=lambda one: one[1].start), doc.ents, strict=True):
                begin, end, kind = spans[index]
                entities[index] = {**_entity(span), "begin": begin, "end": end, "entity_type": kind}
        return {"entities": [entity for entity in entities if entity], "sections": []}

    def _prepared(self, text: str) -> Any:  # noqa: ANN401 - a spaCy Doc
        return self._nlp.get_pipe("medspacy_pyrush")(self._nlp.make_doc(text))


def _layer(doc: Any, spans: Spans, waiting: list[int]) -> tuple[list[tuple[int, Any]], list[int]]:  # noqa: ANN401
    """As many of the waiting spans as do not share a token, and the others."""
    taken: set[int] = set()
    layer, later = [], []
    for index in waiting:
        begin, end, kind = spans[index]
        span = doc.char_span(begin, end, label=kind, alignment_mode="expand")
        if span is None:
            continue
        if taken.isdisjoint(range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            layer.append((index, span))
        else:
            later.append(index)
    return layer, later


def _entity(span: Any) -> Record:  # noqa: ANN401 - a spaCy Span
    rule = span._.target_rule
    code = (rule.metadata or {}).get("code") if rule is not None else None
    return {
        "begin": span.start_char,
        "end": span.end_char,
        "entity_type": span.label_,
        "assertion": {flag: bool(getattr(span._, name)) for flag, name in _FLAGS.items()},
        "codes": [{"system": "ICD-10-CM", "code": code}] if code else [],
    }


def _sections(doc: Any) -> list[Record]:  # noqa: ANN401 - a spaCy Doc
    found = []
    for section in doc._.sections:
        if section.category is not None:
            span = doc[slice(*section.section_span)]
            found.append({"begin": span.start_char, "end": span.end_char, "type": section.category})
    return found


def load(given: argparse.Namespace) -> System:
    """The pipeline with a rule for each term."""
    logging.disable(logging.CRITICAL)
    pipeline = medspacy.load(
        medspacy_enable=[
            "medspacy_tokenizer",
            "medspacy_pyrush",
            "medspacy_target_matcher",
            "medspacy_context",
            "medspacy_sectionizer",
        ]
    )
    rules = []
    for term in read_terms(given.terms):
        pattern = [{"ORTH": token.text} for token in pipeline.make_doc(term.surface)] if term.as_written else None
        rules.append(TargetRule(term.surface, term.type, pattern=pattern, metadata={"code": term.code}))
    pipeline.get_pipe("medspacy_target_matcher").add(rules)
    return MedSpacy(pipeline)


if __name__ == "__main__":
    sys.exit(serve(load))
