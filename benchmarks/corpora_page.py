"""`make scoreboard`: corpora and labels scored, as a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.board import readings_of
from benchmarks.codes import CodeMap
from benchmarks.corpora import BarRow, Corpus, score_corpus
from benchmarks.environments import PeerUnavailable
from benchmarks.failures import render_wrong
from benchmarks.pages import NONE, Table, cell, render_table
from benchmarks.peers.catalogue import Entry
from benchmarks.scoring import Score
from benchmarks.systems import Answers, Request, to_extract, to_read

Figures = dict[str, dict[str, Score]]
_GIVEN: Final = "given"
_INTRODUCTION: Final = """\
Written by `{command}`, never by hand. Texts that others wrote. Corpora, named after their files, were annotated by
others; the labels in `benchmarks/labels` by our own annotators (`docs/agreement.md`). `docs/models.md` says what the
format is and where the corpora come from. Development parts were looked at while rules were written.

Percent with 95% intervals (bootstrap, 1,000 draws by document, seed 13). Strict: same span and type; overlap: same type
and a shared character, maximum one-to-one matching. Assertion is of given gold spans. {model}"""


@dataclass(frozen=True, slots=True)
class Asked:
    """The corpora, the systems, and what each system said."""

    corpora: Sequence[Corpus]
    entries: Sequence[Entry]
    answers: Mapping[str, Answers | PeerUnavailable]
    codes: CodeMap

    def figures(self) -> dict[str, Figures]:
        """Corpus to system to figure to score."""
        found: dict[str, Figures] = {}
        for corpus in self.corpora:
            documents = list(corpus.ask_about())
            found[corpus.name] = {
                name: score_corpus(
                    corpus,
                    readings_of(answers, "extract", documents) or {},
                    readings_of(answers, _GIVEN, documents),
                    self.codes,
                )
                for name, answers in self.answers.items()
                if isinstance(answers, Answers)
            }
        return found

    def wrong(self, system: str) -> str:
        """What a system most often missed and invented in each corpus; quotes the corpora."""
        answers = self.answers[system]
        if isinstance(answers, PeerUnavailable):
            return f"{system} could not be asked: {answers.message}"
        parts = []
        for corpus in self.corpora:
            documents = list(corpus.ask_about())
            if corpus.scores_spans and any(document.mentions for document in documents):
                parts.append(render_wrong(corpus.name, documents, readings_of(answers, "extract", documents) or {}))
        return "\n\n".join(parts) + "\n"


def requests_about(corpora: Sequence[Corpus]) -> list[Request]:
    """What every system is asked about the corpora."""
    requests: list[Request] = []
    for corpus in corpora:
        for document in () if corpus.pools_others else corpus.ask_about():
            has_codes = any(mention.codes for mention in document.mentions)
            if corpus.scores_spans or has_codes or document.headings is not None:
                requests.append(to_extract(document))
            if any(mention.flags is not None for mention in document.mentions):
                requests.append(to_read(document, _GIVEN))
    return requests


def render_corpora(asked: Asked, bar: Sequence[BarRow], command: str, model: str, remarks: Sequence[str]) -> str:
    """The page with the bar and a table for each corpus."""
    figures = asked.figures()
    names = [entry.name for entry in asked.entries]
    unasked = [
        f"**{name}** could not be asked: `{answers.message}`."
        for name, answers in asked.answers.items()
        if isinstance(answers, PeerUnavailable)
    ]
    return (
        "\n\n".join(
            (
                "# Scores on corpora",
                _INTRODUCTION.format(command=command, model=model),
                *remarks,
                *unasked,
                "## The bar",
                "What we want to reach, at least and at best, and where we are.",
                render_table(_bar(bar, figures, names)),
                *(part for corpus in asked.corpora for part in _corpus(corpus, figures[corpus.name], names)),
            )
        )
        + "\n"
    )


def model_sentence(folder: Path | None, *, trained: bool) -> str:
    """What the hybrid's taggers have seen."""
    if trained:
        return "The taggers of the hybrid were trained by the shipped plan without the files scored here."
    if folder is not None:
        return f"The taggers of the hybrid are those in a folder called `{folder.name}`."
    return "The taggers of the hybrid are the shipped ones, which have SEEN the corpora that their card names."


def _bar(bar: Sequence[BarRow], figures: Mapping[str, Figures], names: Sequence[str]) -> Table:
    rows = []
    for row in bar:
        of_corpus = next((found for name, found in figures.items() if name.startswith(row.corpus)), None)
        if of_corpus is not None:
            cells = [cell(of_corpus.get(name, {}).get(row.figure)) for name in names]
            rows.append((row.title, f"{row.reach:g}", f"{row.aim:g}", *cells))
    return Table(("figure", "reach", "aim", *names), rows)


def _corpus(corpus: Corpus, figures: Figures, names: Sequence[str]) -> tuple[str, ...]:
    keys = list(dict.fromkeys(key for name in names for key in figures.get(name, {})))
    if not keys:
        return ()
    rows = [
        (key.replace("|", "/"), _wanted(figures, key), *(cell(figures.get(name, {}).get(key)) for name in names))
        for key in keys
    ]
    texts = {document.text for document in corpus.documents}
    size = f"{len(corpus.documents):,} documents, {sum(map(len, texts)):,} characters."
    note = f" {corpus.note[:1].upper()}{corpus.note[1:]}." if corpus.note else ""
    return f"## {corpus.name}", f"{size}{note}", render_table(Table(("figure", "gold", *names), rows))


def _wanted(figures: Figures, key: str) -> str:
    return next((f"{found[key].wanted:,}" for found in figures.values() if key in found), NONE)
