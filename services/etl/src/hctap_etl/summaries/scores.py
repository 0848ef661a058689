"""Scores against gold as tables, one gold set beside the other."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from hctap_cli.summaries.tables import new_table

_TYPES = ("PROBLEM", "MEDICATION", "TEST", "PROCEDURE", "ANATOMY")


def show_scores(console: Console, scores: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the scores of one or more gold sets side by side, in percent: precision, recall, F1."""
    table = new_table("", title="Evaluation (precision / recall / F1, %; in brackets the 95% interval of F1)")
    for name, one in scores.items():
        coverage = one["coverage"]
        table.add_column(f"{name}: {coverage['pred_notes']} of {coverage['gold_notes']} notes", justify="right")
    for label, path in _rows(scores):
        cells = [_cell(_follow(one, path)) for one in scores.values()]
        if any(cells):
            table.add_row(label, *cells)
    console.print(table, highlight=False, markup=False)


def _rows(scores: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, tuple[str, ...]]]:
    rows: list[tuple[str, tuple[str, ...]]] = []
    for kind, words in (("strict", "same span and type"), ("overlap", "overlapping")):
        rows.append((f"{words}, all", (kind, "micro")))
        rows.append(("  mean of the types", (kind, "macro")))
        rows += [(f"  {name}", (kind, "by_type", name)) for name in _TYPES]
    rows.append(("on shared notes, strict", ("intersection", "strict", "micro")))
    rows.append(("assertion, all", ("assertion", "micro")))
    names = {name for one in scores.values() for name in one.get("assertion", {}).get("by_attribute", {})}
    rows += [(f"  {name}", ("assertion", "by_attribute", name)) for name in sorted(names)]
    rows.append(("attributes, all", ("attributes", "micro")))
    rows.append(("ICD-10-CM codes", ("codes", "ICD-10-CM")))
    rows.append(("section headings", ("sections", "heading_and_type")))
    return rows


def _follow(scores: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any] | None:
    found: Any = scores
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found if isinstance(found, Mapping) else None


def _cell(scores: Mapping[str, Any] | None) -> str:
    if not scores:
        return ""
    if "accuracy" in scores:
        return f"{scores['right']} of {scores['gold']} right: {_percent(scores['accuracy'])}"
    interval = scores.get("f1_interval")
    doubt = f" ({100 * interval[0]:.1f}–{100 * interval[1]:.1f})" if interval else ""
    return " / ".join(_percent(scores[name]) for name in ("precision", "recall", "f1")) + doubt


def _percent(value: float | None) -> str:
    return "   -" if value is None else f"{100 * value:5.1f}"
