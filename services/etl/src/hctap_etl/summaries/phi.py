"""Identifiers by kind: counts in words, scores as a table."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from hctap_cli.summaries.tables import new_table
from hctap_nlp.phi.scoring import KindScore, PhiScores


def say_kinds(counts: Mapping[Any, int]) -> str:
    """Counts by kind in words, the most frequent first; `none` where there is none."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {kind}" for kind, count in ranked if count) or "none"


def show_phi_scores(console: Console, name: str, scores: PhiScores) -> None:
    """Print the scores of a set, a row a kind that the set marks."""
    table = new_table(
        "kind", "marked", "found", "precision", "recall", "wholly covered", title=f"{name}, {scores.texts:,} texts"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for kind, score in scores.by_kind.items():
        table.add_row(kind.value, *_cells(score))
    table.add_row("all", *_cells(scores.total), style="bold")
    console.print(table, highlight=False)


def _cells(score: KindScore) -> tuple[str, ...]:
    shares = (score.precision, score.recall, score.coverage)
    return (
        f"{score.gold:,}",
        f"{score.found:,}",
        *("-" if share is None else f"{100 * share:.1f}" for share in shares),
    )
