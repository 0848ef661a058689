"""The corpora of a folder, and the labels by offset whose texts are in it, ready to be asked about and scored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.board import PROBLEMS
from benchmarks.codes import CodeMap
from benchmarks.documents import (
    COMPARABLE,
    Document,
    Reading,
    read_corpus,
    read_labelled,
    read_texts,
)
from benchmarks.labels import note_of, read_labels
from benchmarks.scoring import ALL, Score, score_assertion, score_codes, score_headings, score_spans
from hctap_core.entities import EntityType
from hctap_core.errors import MalformedRecord, UnsupportedInput
from hctap_core.evaluation import ASSERTIONS

LABELS: Final = "labels"
_KNOWN: Final = frozenset(EntityType) | frozenset(COMPARABLE.values())


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents under a name, and what has to be said of them; one that pools others asks nothing of its own."""

    name: str
    documents: Sequence[Document]
    scores_spans: bool = True
    note: str = ""
    pools_others: bool = False

    def ask_about(self) -> Sequence[Document]:
        """The documents with ids that are unique among the corpora."""
        if self.pools_others:
            return self.documents
        return [replace(document, id=f"{self.name}/{document.id}") for document in self.documents]


@dataclass(frozen=True, slots=True)
class BarRow:
    """A figure that is wanted: of which corpus, and between which percentages."""

    title: str
    corpus: str
    figure: str
    reach: float
    aim: float


def read_rules(path: Path) -> tuple[Mapping[str, Mapping[str, Any]], list[BarRow]]:
    """What is known of corpora, by the beginning of their names, and the bar."""
    table = yaml.safe_load(path.read_text(encoding="utf-8"))
    return table["corpora"], [BarRow(**row) for row in table["bar"]]


def load_corpora(data: Path, rules: Mapping[str, Mapping[str, Any]]) -> tuple[list[Corpus], list[str]]:
    """The corpora of a folder that are not for training, and the names of files that hold nothing to score.

    Raises:
        UnsupportedInput: Where it is no folder.
    """
    if not data.is_dir():
        raise UnsupportedInput(f"{data} is no folder.", remedy="Give the folder with the corpora.")
    corpora, left_out = [], []
    for path in sorted(data.glob("*.jsonl")):
        if path.name.endswith(".train.jsonl"):
            continue
        rule = next((rules[start] for start in rules if path.name.startswith(start)), {})
        try:
            corpus = _corpus(path, rule)
        except MalformedRecord:
            corpus = None
        if corpus is None:
            left_out.append(path.name)
        else:
            corpora.append(corpus)
    return corpora, left_out


def _corpus(path: Path, rule: Mapping[str, Any]) -> Corpus | None:
    wanted = frozenset(rule.get("labels", _KNOWN))
    documents = [
        replace(d, mentions=tuple(m for m in d.mentions if wanted & set(m.label.split("|")))) for d in read_corpus(path)
    ]
    if not any(document.mentions or document.headings for document in documents):
        return None
    return Corpus(path.name.removesuffix(".jsonl"), documents, bool(rule.get("spans", True)), str(rule.get("note", "")))


def load_labelled(files: Iterable[Path], folders: Iterable[Path]) -> tuple[list[Corpus], int]:
    """The labels by offset whose texts are in the folders, each file and all together; and how many texts are missing.

    Raises:
        InvalidSpan: Where a text is not the one that was labelled.
    """
    paths = list(files)
    wanted = {name for path in paths for labels in read_labels(path) for name in (labels.id, note_of(labels.id)[0])}
    texts: dict[str, str] = {}
    for folder in folders:
        texts = read_texts(folder, frozenset(wanted)) | texts
    corpora, missing = [], 0
    for path in paths:
        documents, absent = read_labelled(path, texts)
        missing += absent
        if documents:
            # Where some entities alone are labelled, others are neither right nor wrong.
            corpora.append(Corpus(path.stem, documents, not any(labels.only for labels in read_labels(path))))
    whole = [corpus for corpus in corpora if corpus.scores_spans]
    if len(whole) > 1:
        pooled = [document for corpus in whole for document in corpus.ask_about()]
        corpora.append(Corpus(LABELS, pooled, pools_others=True))
    return corpora, missing


def score_corpus(
    corpus: Corpus, readings: Mapping[str, Reading], given: Mapping[str, Reading] | None, codes: CodeMap
) -> dict[str, Score]:
    """Every figure of a corpus, by its name; `given` are the readings of given spans."""
    documents = corpus.ask_about()
    figures: dict[str, Score] = {}
    if corpus.scores_spans and any(document.mentions for document in documents) and readings:
        for label, modes in score_spans(documents, readings).items():
            if not any(score.wanted for score in modes.values()):
                continue
            figures |= {f"spans/{label}/{mode}": score for mode, score in modes.items()}
    if readings:
        coded = score_codes(documents, readings, "ICD-10-CM", codes)
        if coded.wanted and coded.given:
            figures["codes"] = coded
    if given and any(m.flags is not None for document in documents for m in document.mentions):
        figures |= _assertion_figures(documents, given)
    headings = score_headings(documents, readings)
    if headings is not None and headings.wanted and headings.given:
        figures["headings"] = headings
    return figures


def _assertion_figures(documents: Sequence[Document], given: Mapping[str, Reading]) -> dict[str, Score]:
    scores = score_assertion(documents, given)
    negation = score_assertion(documents, given, flags=("negated",), labels=PROBLEMS)["negated"]
    found = {flag: scores[flag] for flag in ASSERTIONS if scores[flag].wanted} | {ALL: scores[ALL]}
    return {f"assertion/{flag}": score for flag, score in found.items()} | {"assertion/negation-of-problems": negation}
