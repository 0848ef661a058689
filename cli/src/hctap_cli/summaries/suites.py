"""The suite's scores as tables, and its failures as they would be reviewed."""

from collections.abc import Iterable, Mapping
from typing import Final

from rich.console import Console
from rich.text import Text

from hctap_cli.summaries.tables import new_table
from hctap_core.evaluation import Counts
from hctap_nlp.suite.scores import NORM, Failure, Scores, failures_by_sentence
from hctap_nlp.suite.sentences import Phenomenon, Sentence

_Key = tuple[Phenomenon, str]
_HEADINGS: Final = "precision, recall, F1 in %; right / given / wanted"


def show_suite(console: Console, scores: Mapping[str, Scores], asked: Mapping[str, Iterable[Sentence]]) -> None:
    """Print the scores of each part side by side: all, by attribute, by phenomenon."""
    keys = list(dict.fromkeys(key for one in scores.values() for key in one.counts))
    for title, regimen in (("Assertion", False), ("Regimen and results", True)):
        chosen = [key for key in keys if key[0].is_of_regimen == regimen]
        if not chosen:
            continue
        table = new_table("", title=f"{title} ({_HEADINGS})")
        for part in scores:
            count = sum(sentence.phenomenon.is_of_regimen == regimen for sentence in asked[part])
            table.add_column(f"{part}: {count} sentences", justify="right", no_wrap=True)
        for label, wanted in _rows(chosen):
            table.add_row(label, *(_cell(one, wanted) for one in scores.values()))
        console.print(table, highlight=False, markup=False)


def _rows(keys: list[_Key]) -> list[tuple[str, list[_Key]]]:
    """The rows of a table with the keys whose counts each pools; only attribute rows pool norms."""
    rows = [("all", [key for key in keys if not key[1].endswith(NORM)])]
    for name in sorted({key[1] for key in keys}, key=lambda name: (name.endswith(NORM), name)):
        rows += [(f"  {name}", [key for key in keys if key[1] == name])]
    for kind in dict.fromkeys(key[0] for key in keys):
        rows += [(kind.value.replace("_", " "), [key for key in rows[0][1] if key[0] == kind])]
    return rows


def _cell(one: Scores, keys: list[_Key]) -> str:
    counts = Counts()
    for key in keys:
        counts = counts.plus(*one.counts.get(key, Counts()))
    scores = counts.scores()
    precision, recall, f1 = (
        "-" if scores[name] is None else f"{100 * (scores[name] or 0):.1f}" for name in ("precision", "recall", "f1")
    )
    return f"{precision:>5} {recall:>5} {f1:>5} {counts.right:>3}/{counts.predicted}/{counts.gold}"


def show_failures(console: Console, failures: Iterable[Failure]) -> None:
    """Print each sentence with a wrong answer, and below it what was wanted and given for which words."""
    for sentence, wrong in failures_by_sentence(failures):
        console.print(Text.assemble((f"{sentence.id} ({sentence.part}) ", "bold"), sentence.text.replace("\n", " ⏎ ")))
        for failure in wrong:
            words = sentence.text[failure.begin : failure.end]
            console.print(
                Text(
                    f'  {failure.attribute} of "{words}": wanted {failure.wanted or "-"}, given {failure.given or "-"}'
                )
            )
