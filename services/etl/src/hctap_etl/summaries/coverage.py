"""What a run covered and what has moved, as a table; how fresh the results are."""

from datetime import timedelta

from rich.console import Console
from rich.text import Text

from hctap_cli.summaries.tables import new_table
from hctap_core.coverage import Change, Coverage

_NAMES = {
    "no_entities": "texts without entities",
    "unknown_headings": "unknown headings",
    "uncoded_problems": "problems without a code",
}


def show_coverage(console: Console, coverage: Coverage | None) -> None:
    """Print the rates of a run beside those of the run before, and mark what has drifted; nothing for an empty run."""
    if coverage is None or not coverage.texts:
        return
    table = new_table("", "now", "before", "", title="Coverage")
    for column in table.columns[1:3]:
        column.justify = "right"
    changes = {change.measure: change for change in coverage.changes}
    for measure in sorted({*coverage.rates, *changes}, key=_order):
        change = changes.get(measure)
        now = coverage.rates.get(measure, 0.0)
        before = _rate(measure, change.before) if change else ""
        table.add_row(_name(measure), _rate(measure, now), before, _mark(change))
    console.print(table, highlight=False, markup=False)
    if coverage.compared_with:
        drifts = len(coverage.drifts)
        verdict = f"{drifts} moved beyond the threshold" if drifts else "nothing moved beyond the threshold"
        console.print(f"Compared with {coverage.compared_with}: {verdict}.", highlight=False, markup=False)


def say_freshness(console: Console, age: timedelta | None, limit: timedelta) -> None:
    """Print how old the newest success is, and whether that is too old."""
    if age is None:
        console.print("No run has succeeded yet.", style="red", highlight=False)
        return
    verdict = "stale" if age > limit else "fresh"
    style = "red" if age > limit else "green"
    minutes, most = age.total_seconds() / 60, limit.total_seconds() / 60
    console.print(
        f"{verdict}: the newest success is {minutes:,.1f} minutes old, {most:,.0f} are allowed.",
        style=style,
        highlight=False,
    )


def _order(measure: str) -> tuple[int, str]:
    return (0 if measure in _NAMES else 1 if measure.startswith("assertion.") else 2), measure


def _name(measure: str) -> str:
    kind, _, what = measure.partition(".")
    return _NAMES.get(measure) or (f"entities that are {what}" if kind == "assertion" else f"{what} a text")


def _rate(measure: str, rate: float) -> str:
    return f"{rate:.2f}" if measure.startswith("per_note.") else f"{100 * rate:.1f}%"


def _mark(change: Change | None) -> Text:
    return Text("drift" if change and change.is_drift else "", style="yellow")
