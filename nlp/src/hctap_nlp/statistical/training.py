"""Training the shipped model: from corpora, each with its genre, to a folder with taggers and card.

Everything is deterministic: the same corpora, vocabulary and code give the same bytes.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hctap_core.matching import Span
from hctap_nlp.matching import Matcher
from hctap_nlp.sentences import Sentences
from hctap_nlp.shadow import Shadow
from hctap_nlp.statistical.card import CARD
from hctap_nlp.statistical.crf import labels_of, train_crf
from hctap_nlp.statistical.features import features_of, vocabulary_tags
from hctap_nlp.statistical.genre import Genre, train_genres
from hctap_nlp.statistical.tokens import sentences_of

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Document:
    """A text with the spans that its annotators marked."""

    id: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents of one genre; `licence` must allow training a model that is given away."""

    name: str
    genre: Genre
    licence: str
    documents: Sequence[Document]


@dataclass(frozen=True, slots=True)
class TaggerPlan:
    """A tagger of a genre: which labels it learns, from which corpora."""

    name: str
    genre: Genre
    labels: frozenset[str]
    corpora: tuple[str, ...]


def train_model(
    corpora: Sequence[Corpus],
    plans: Sequence[TaggerPlan],
    matcher: Matcher,
    terms_hash: str,
    folder: Path,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train every tagger and the genre classifier into `folder`, and give the card that was written beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    by_name = {corpus.name: corpus for corpus in corpora}
    taggers: dict[str, list[str]] = {}
    for number, plan in enumerate(plans):
        if progress:
            progress(f"training {plan.name}", number, len(plans) + 1)
        documents = [d for name in plan.corpora for d in by_name[name].documents]
        train_crf(_examples(documents, plan.labels, matcher), folder / f"{plan.name}.crf")
        taggers.setdefault(plan.genre.value, []).append(f"{plan.name}.crf")
    if progress:
        progress("training genres", len(plans), len(plans) + 1)
    train_genres(((d.text, corpus.genre) for corpus in corpora for d in corpus.documents), folder / "genre.crf")
    card = {
        "schema_version": 1,
        "genre": "genre.crf",
        "taggers": taggers,
        "terms": terms_hash,
        "files": {path.name: _facts(path) for path in sorted(folder.glob("*.crf"))},
        "plans": [
            {"name": p.name, "genre": p.genre.value, "labels": sorted(p.labels), "corpora": list(p.corpora)}
            for p in plans
        ],
        "corpora": [_corpus_facts(corpus) for corpus in corpora],
    }
    (folder / CARD).write_text(json.dumps(card, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return card


def _examples(
    documents: Iterable[Document], labels: frozenset[str], matcher: Matcher
) -> Iterator[tuple[list[list[str]], list[str]]]:
    for document in documents:
        shadow = Shadow(document.text)
        tags = vocabulary_tags(shadow, matcher.find(shadow), matcher)
        spans = _outermost(span for span in document.spans if span.label in labels)
        for sentence in sentences_of(document.text, Sentences(document.text)):
            yield features_of(sentence, tags), labels_of(sentence, spans)


def _outermost(spans: Iterable[Span]) -> list[Span]:
    """The spans without those that overlap an earlier or longer one."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.begin, -s.end)):
        if not kept or span.begin >= kept[-1].end:
            kept.append(span)
    return kept


def _facts(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _corpus_facts(corpus: Corpus) -> dict[str, Any]:
    return {
        "name": corpus.name,
        "genre": corpus.genre.value,
        "licence": corpus.licence,
        "documents": len(corpus.documents),
        "spans": sum(len(document.spans) for document in corpus.documents),
    }
