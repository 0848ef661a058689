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
from hctap_nlp.statistical.names import Name, learn_names
from hctap_nlp.statistical.tokens import sentences_of

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Document:
    """A text with the spans that its annotators marked, and what they called them."""

    id: str
    text: str
    spans: tuple[Span, ...]
    names: tuple[Name, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Plan:
    """What a model is trained on and consists of: taggers, and wordings of what annotators named (`names`)."""

    corpora: Sequence[Corpus]
    taggers: Sequence[TaggerPlan]
    names: Sequence[TaggerPlan] = ()


def train_model(
    plan: Plan,
    matcher: Matcher,
    terms_hash: str,
    folder: Path,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train every tagger and the genre classifier into `folder`, and give the card that was written beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    by_name = {corpus.name: corpus.documents for corpus in plan.corpora}
    taggers: dict[str, list[str]] = {}
    for number, one in enumerate(plan.taggers):
        if progress:
            progress(f"training {one.name}", number, len(plan.taggers) + 1)
        documents = [d for name in one.corpora for d in by_name[name]]
        train_crf(_examples(documents, one.labels, matcher), folder / f"{one.name}.crf")
        taggers.setdefault(one.genre.value, []).append(f"{one.name}.crf")
    if progress:
        progress("training genres", len(plan.taggers), len(plan.taggers) + 1)
    train_genres(((d.text, corpus.genre) for corpus in plan.corpora for d in corpus.documents), folder / "genre.crf")
    for one in plan.names:
        said = (name for corpus in one.corpora for d in by_name[corpus] for name in d.names if name.label in one.labels)
        learn_names(said, folder / f"{one.name}.tsv")
    card = {
        "schema_version": 1,
        "genre": "genre.crf",
        "taggers": taggers,
        "names": {one.genre.value: f"{one.name}.tsv" for one in plan.names},
        "terms": terms_hash,
        "files": {path.name: _facts(path) for path in sorted((*folder.glob("*.crf"), *folder.glob("*.tsv")))},
        "plans": [
            {"name": p.name, "genre": p.genre.value, "labels": sorted(p.labels), "corpora": list(p.corpora)}
            for p in plan.taggers
        ],
        "corpora": [_corpus_facts(corpus) for corpus in plan.corpora],
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
