"""How good a run is: scores with their intervals, confusions, errors in context, calibration, coverage and drift."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from hctap_client import Client
from hctap_core.coverage import Change, Coverage
from hctap_core.golds import EvaluationReport
from hctap_core.runs import FINISHED, Run
from hctap_dashboard.address import Place, link_to, read_address, write_address
from hctap_dashboard.evaluation_details import (
    browse_errors,
    read_report,
    show_calibrations,
    show_confusions,
    show_sureness,
)
from hctap_dashboard.failures import NO_RUN, told
from hctap_dashboard.filters import ask_for_part
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import (
    Table,
    head,
    heading,
    narrow,
    notice,
    paragraph,
    table,
    warn,
    without_blank_columns,
    wrap,
)
from hctap_dashboard.scores import choose_gold, find_gaps, find_value, tabulate_details, tabulate_spans
from hctap_dashboard.visitor import Visitor
from hctap_dashboard.wording import show_name, show_score

RUN, GOLD = "run", "gold"
_RUNS: Final = 100
PARTS: Final = {
    "scores": "Scores",
    "confusions": "Confusions and calibration",
    "differences": "Differences",
    "coverage": "Coverage and drift",
}
_MEASURES: Final = ("gold", "predicted", "precision", "recall", "f1")


def show_quality(visitor: Visitor) -> None:
    """Show the page."""
    st.html(wrap(head("Quality", beneath="How a run agrees with its gold sets, and where it does not.")))
    with told("The quality cannot be shown"):
        left, right, _ = st.columns([1.2, 1, 1.4])
        with left:
            run = _ask(visitor.client)
        if run is None:
            st.html(wrap(notice(NO_RUN, "There is nothing to judge.", "Run `make etl`, or `hctap-etl run`.")))
            return
        if not run.evaluation:
            st.html(wrap(_not_evaluated(), _coverage(run.counts.coverage)))
            return
        with right:
            gold = _ask_gold(run)
        report = read_report(visitor.client, run.run_id, gold)
        part = ask_for_part(PARTS)
        _show_part(visitor.client, part, run, gold, report)


def _show_part(client: Client, part: str, run: Run, gold: str, report: EvaluationReport | None) -> None:
    if part == "scores":
        _show_scores(run, gold)
        if report is not None:
            show_sureness(report)
    elif part == "confusions":
        st.html(wrap(_attributes(run.evaluation[gold])))
        if report is not None and report.details is not None:
            show_confusions(report.details)
            show_calibrations(report.details.calibration)
    elif part == "differences" and report is not None:
        browse_errors(client, report)
    elif part == "differences":
        st.html(wrap(_no_details()))
    elif part == "coverage":
        st.html(wrap(_coverage(run.counts.coverage)))


def _no_details() -> str:
    return notice(
        "This evaluation has no details",
        "It was made before differences were kept.",
        "Run `hctap-etl evaluate --gold FILE` once more.",
    )


def _ask(client: Client) -> Run | None:
    runs = {run.run_id: run for run in client.runs(limit=_RUNS).runs if run.status in FINISHED}
    named = read_address(RUN)
    if named is not None and named not in runs:
        runs = {named: client.run(named), **runs}
    if not runs:
        return None
    current = named or next(iter(runs))
    st.session_state["quality_run"] = current
    st.selectbox("Run", list(runs), key="quality_run", on_change=_remember, args=(RUN,))
    write_address(run=current)
    return runs[current]


def _ask_gold(run: Run) -> str:
    golds = sorted(run.evaluation)
    named = read_address(GOLD)
    current = named if named in golds else choose_gold(run.evaluation) or golds[0]
    st.session_state["quality_gold"] = current
    st.selectbox("Gold set", golds, key="quality_gold", on_change=_remember, args=(GOLD,))
    write_address(gold=current)
    return current


def _remember(name: str) -> None:
    write_address(**{name: st.session_state[f"quality_{name}"]})


def _not_evaluated() -> str:
    return notice(
        "This run was not compared with a gold set",
        "There are no scores to show.",
        "Run `hctap-etl evaluate --gold FILE` to do so.",
    )


def _show_scores(run: Run, gold: str) -> None:
    words = "F1 in percent. Strict: same span and same type. Overlap: same type and at least one character in common."
    gaps = "".join(warn(gap) for gap in find_gaps(run.evaluation))
    details = tabulate_details(run.evaluation)
    tables = table(tabulate_spans(run.evaluation)) + (table(details) if details else "")
    st.html(wrap(heading("F1 by type"), paragraph(words), gaps, f'<div class="hc-pair">{tables}</div>'))
    scores = run.evaluation[gold]
    strict = _by_type("Strict, by type", scores, "strict")
    overlap = _by_type("Overlap, by type", scores, "overlap")
    st.html(wrap(heading(f"{gold} in detail"), f'<div class="hc-pair">{table(strict)}{table(overlap)}</div>'))


def _by_type(caption: str, scores: Mapping[str, Any], way: str) -> Table:
    found = find_value(scores, way, "by_type")
    kinds = sorted(found) if isinstance(found, Mapping) else []
    rows = [_measures(show_name(kind), find_value(scores, way, "by_type", kind)) for kind in kinds]
    rows.append(_measures("All types", find_value(scores, way, "micro")))
    return _table(caption, caption.partition(",")[0], rows, frozenset({len(rows) - 1}))


def _attributes(scores: Mapping[str, Any]) -> str:
    # The short ones stand beneath each other, beside the long one.
    assertions = _by_name("Assertions", find_value(scores, "assertion", "by_attribute"))
    sections = _by_name("Sections", find_value(scores, "sections"))
    attributes = _by_name("Attributes", find_value(scores, "attributes", "by_type"))
    return f'<div class="hc-pair"><div>{assertions}{sections}</div>{attributes}</div>'


def _by_name(caption: str, found: object) -> str:
    if not isinstance(found, Mapping) or not found:
        return ""
    rows = [_measures(show_name(name), values) for name, values in sorted(found.items())]
    return f"<section>{heading(caption)}{table(_table(caption, caption.removesuffix('s'), rows))}</section>"


def _table(caption: str, first: str, rows: Sequence[Sequence[str]], strong: frozenset[int] = frozenset()) -> Table:
    titles = (first, "Gold", "Found", "Precision", "Recall", "F1")
    return Table(caption, titles, rows, frozenset(range(1, len(titles))), strong=strong)


def _measures(name: str, values: object) -> list[str]:
    found = [find_value(values, measure) for measure in _MEASURES]
    counts = [f"{value:,}" if isinstance(value, int) else "" for value in found[:2]]
    return [name, *counts, *(show_score(value) for value in found[2:])]


def _coverage(coverage: Coverage | None) -> str:
    if coverage is None:
        return heading("Coverage") + paragraph("The run is older than this measure.")
    changes = {change.measure: change for change in coverage.changes}
    rows = [_rate(name, rate, changes.get(name)) for name, rate in sorted(coverage.rates.items())]
    against = "There is no run before to compare it with."
    if coverage.compared_with:
        link = anchor(coverage.compared_with, link_to(Place.RUNS, run=coverage.compared_with))
        against = f"Compared with {link}."
    warnings = "".join(warn(f"{_measure(one.measure)} moved more than it may.") for one in coverage.drifts)
    titles = ("Measure", "Before", "Now", "Remark")
    content = narrow(table(without_blank_columns(Table("Coverage", titles, rows, frozenset({1, 2})))))
    return f'{heading("Coverage and drift")}<p class="hc-soft">{against}</p>{warnings}{content}'


def _rate(name: str, rate: float, change: Change | None) -> tuple[str, ...]:
    before = _show(name, change.before) if change else ""
    return _measure(name), before, _show(name, rate), "drift" if change and change.is_drift else ""


def _show(name: str, rate: float) -> str:
    return f"{rate:.2f}" if name.startswith("per_note.") else f"{100 * rate:.1f} %"


def _measure(name: str) -> str:
    words = {
        "no_entities": "Texts without an entity",
        "unknown_headings": "Headings that nobody knows",
        "uncoded_problems": "Problems without a code",
    }
    group, _, rest = name.partition(".")
    if group == "per_note":
        return f"{show_name(rest)}s in a note" if rest != "ANATOMY" else "Anatomy in a note"
    return words.get(name) or f"Entities that are {'in the family' if rest == 'family' else rest}"
