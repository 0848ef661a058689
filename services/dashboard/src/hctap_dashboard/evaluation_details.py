"""What an evaluation says beyond its scores: how sure they are, what is taken for what, and every difference."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from hctap_client import Client
from hctap_core.entities import EntityType
from hctap_core.errors import GoldNotFound
from hctap_core.golds import (
    AssertionConfusion,
    CalibrationBin,
    ErrorKind,
    EvaluationDetails,
    EvaluationError,
    EvaluationReport,
)
from hctap_dashboard.address import Place, link_to
from hctap_dashboard.charts import show_calibration, show_grid, show_intervals
from hctap_dashboard.filters import ask_for
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import MISSING, Html, Table, escape, heading, notice, paragraph, table, wrap
from hctap_dashboard.paging import current_cursor, show_pager
from hctap_dashboard.scores import find_score
from hctap_dashboard.wording import show_name, show_score

KIND, TYPE = "error", "type"
_PAGES: Final = "evaluation_errors"
_PAGE: Final = 30
_ALL: Final = "micro"
_PARTIAL_FIRST: Final = re.compile(r"^\S*\s+")
_PARTIAL_LAST: Final = re.compile(r"\s+\S*$")
_MEANINGS: Final = {
    ErrorKind.MISSED: "the gold has it, the run has nothing there",
    ErrorKind.INVENTED: "the run has it, the gold has nothing there",
    ErrorKind.RETYPED: "another type",
    ErrorKind.SPAN: "another span",
    ErrorKind.ASSERTION: "another assertion",
}


def read_report(client: Client, run_id: str, gold: str) -> EvaluationReport | None:
    """The evaluation with its details, None where it was made before there were any."""
    try:
        report = client.evaluation(run_id, gold)
    except GoldNotFound:
        return None
    return report if report.details is not None else None


def show_sureness(report: EvaluationReport) -> None:
    """The scores by type with the intervals between which they may lie."""
    rows = _intervals(report)
    if rows:
        words = "F1 with the interval in which it lies for 95 of 100 samples of the notes, drawn by the bootstrap."
        st.html(wrap(heading("How sure the scores are"), paragraph(words)))
        show_intervals("F1 by type with intervals", rows)


def show_confusions(details: EvaluationDetails) -> None:
    """What the run takes for what, and how it asserts what the gold asserts otherwise."""
    left, right = st.columns(2, gap="large")
    with left:
        st.html(wrap(heading("Types"), paragraph("Rows: what the gold says. Columns: what the run says.")))
        show_grid("Types confused", list_confusions(details.types), ("run", "gold"), unit="Entities")
    right.html(wrap(heading("Assertions, entity by entity"), table(_assertions(details.assertions))))


def show_calibrations(bins: Sequence[CalibrationBin]) -> None:
    """Whether entities with a high score are right more often."""
    words = "An entity's score is meant as the share of such entities that are right: dots on the line are honest."
    st.html(wrap(heading("Calibration"), paragraph(words)))
    left, right = st.columns(2, gap="large")
    filled = [one for one in bins if one.entities]
    with left:
        show_calibration(
            "Calibration", [{"score": one.mean_score, "right": one.right, "count": one.entities} for one in filled]
        )
    rows = [
        (f"{one.low:.1f} to {one.high:.1f}", f"{one.entities:,}", show_score(one.mean_score), show_score(one.right))
        for one in filled
    ]
    titles = ("Score", "Entities", "Mean score", "Right")
    right.html(wrap(table(Table("Calibration", titles, rows, frozenset({1, 2, 3})))))


def browse_errors(client: Client, report: EvaluationReport) -> None:
    """Every difference in its context, by kind and type, page by page."""
    first, second, _ = st.columns([1, 1, 2])
    with first:
        kind = ask_for("Kind", KIND, [kind.value for kind in ErrorKind])
    with second:
        entity_type = ask_for("Type", TYPE, [kind.value for kind in EntityType])
    where = (report.run_id, report.gold_name, kind, entity_type)
    cursor = current_cursor(_PAGES, where)
    with st.spinner("Looking for differences…"):
        page = client.evaluation_errors(
            report.run_id,
            report.gold_name,
            kind=ErrorKind(kind) if kind else None,
            entity_type=EntityType(entity_type) if entity_type else None,
            after=int(cursor) if cursor else None,
            limit=_PAGE,
        )
    if not page.errors:
        st.html(wrap(notice("No difference of this kind", "Gold and run agree here.")))
        return
    rows = [_difference(error, report.run_id) for error in page.errors]
    titles = ("In the note", "Kind", "The gold says", "The run says", "Note")
    st.html(wrap(table(Table("Differences", titles, rows, is_list=True))))
    show_pager(_PAGES, None if page.next_cursor is None else str(page.next_cursor))


def list_confusions(types: Mapping[str, Mapping[str, int]]) -> list[dict[str, str | int]]:
    """The confusion of types as rows of a grid, every type of either side in it."""
    kinds = [*(kind.value for kind in EntityType), "none"]
    return [
        {"gold": show_name(gold), "run": show_name(run), "count": types.get(gold, {}).get(run, 0)}
        for gold in kinds
        for run in kinds
    ]


def _intervals(report: EvaluationReport) -> list[Mapping[str, Any]]:
    order = [*(kind.value for kind in EntityType), _ALL]
    rows: list[Mapping[str, Any]] = []
    for way, by_type in report.details.intervals.items() if report.details else ():
        for kind, found in sorted(by_type.items(), key=lambda item: order.index(item[0])):
            path = ("micro",) if kind == _ALL else ("by_type", kind)
            value = find_score(report.scores, way, *path, "f1")
            if value is not None and found.f1 is not None:
                name = "All types" if kind == _ALL else show_name(kind)
                rows.append(
                    {"name": name, "series": way.title(), "value": value, "low": found.f1.low, "high": found.f1.high}
                )
    return rows


def _assertions(found: Mapping[str, AssertionConfusion]) -> Table:
    rows = [
        (show_name(name), f"{one.both:,}", f"{one.only_gold:,}", f"{one.only_run:,}", f"{one.neither:,}")
        for name, one in sorted(found.items())
    ]
    titles = ("Assertion", "Both", "Gold alone", "Run alone", "Neither")
    return Table("Assertions confused", titles, rows, frozenset({1, 2, 3, 4}))


def _difference(error: EvaluationError, run_id: str) -> tuple[str, ...]:
    mine = show_name(error.entity_type)
    other = error.other
    gold, run = (MISSING, mine) if error.kind is ErrorKind.INVENTED else (mine, MISSING)
    if other is not None:
        gold = " · ".join([mine, *other.gold_assertions])
        run = " · ".join([show_name(other.entity_type), *other.assertions])
        if error.kind is ErrorKind.SPAN:
            run = f"{run}, {other.begin} to {other.end}"
            gold = f"{gold}, {error.begin} to {error.end}"
    kind = Html(f'{show_name(error.kind)}<br><span class="hc-soft">{escape(_MEANINGS[error.kind])}</span>')
    link = anchor(error.note_id, link_to(Place.NOTES, note=error.note_id, run=run_id))
    return _in_context(error), kind, gold, run, link


def _in_context(error: EvaluationError) -> str:
    """The words in their surroundings; only the offsets for who may not read notes."""
    if error.text is None:
        return f"characters {error.begin} to {error.end}"
    context = error.context or error.text
    place = place_in_context(error.begin, error.text, context)
    mark = f'<mark class="hc hc-{error.entity_type.lower()} hc-first hc-last">{escape(error.text)}</mark>'
    before, after = cut_to_words(context[:place], context[place + len(error.text) :], error.begin)
    return Html(f"{escape(before)}{mark}{escape(after)}")


def cut_to_words(before: str, after: str, begin: int) -> tuple[str, str]:
    """The surroundings of words that begin there, without what is left of a word where they were cut."""
    # As much stands before as after, but where the note begins or ends.
    is_cut = len(after) >= len(before)
    if begin > len(before):
        before = f"… {_PARTIAL_FIRST.sub('', before)}"
    return before, f"{_PARTIAL_LAST.sub('', after)} …" if is_cut else after


def place_in_context(begin: int, text: str, context: str) -> int:
    """Where the words stand in their surroundings, which have as much before them as after, but at a note's begin."""
    expected = min(begin, (len(context) - len(text)) // 2)
    places = [place for place in range(len(context)) if context.startswith(text, place)]
    return min(places, key=lambda place: abs(place - expected), default=0)
