"""Tables and figures as Markdown."""

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.scoring import Score
from hctap_core.intervals import Interval

NONE = "–"


class Table(NamedTuple):
    """A head and rows of cells."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def render_table(table: Table) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(table.head) + " |", "|" + "---|" * len(table.head)]
    lines += ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in table.rows]
    return "\n".join(lines)


def percent(value: float | None) -> str:
    """A share as a percentage with one decimal, or a dash."""
    return NONE if value is None else f"{100 * value:.1f}"


def with_interval(value: float | None, interval: Interval | None) -> str:
    """A share with its interval, in percent."""
    if value is None or interval is None:
        return percent(value)
    return f"{percent(value)} ({percent(interval.low)}–{percent(interval.high)})"


def cell(score: Score | None) -> str:
    """A score with its interval, in percent, or a dash where there is none."""
    return NONE if score is None else with_interval(score.value, score.interval)
