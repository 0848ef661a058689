"""The first page: the run that finished last, how it stands against those before, and what it found most."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from hctap_core.entities import EntityType
from hctap_core.reasons import REASON_HELP
from hctap_core.runs import FINISHED, Run
from hctap_core.statistics import SpecialtyCounts, TermCount
from hctap_dashboard.address import Place, link_to
from hctap_dashboard.charts import show_trend
from hctap_dashboard.failures import told
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import Bar, Figure, bars, counted, figures, head, heading, paragraph, warn, wrap
from hctap_dashboard.scores import choose_gold, find_gaps, find_score
from hctap_dashboard.theme import PLAIN_TINT, TINTS
from hctap_dashboard.visitor import Visitor
from hctap_dashboard.wording import (
    count_of,
    show_age,
    show_count,
    show_milliseconds,
    show_moment,
    show_name,
    show_rate,
    show_score,
)

TOP = 10
RUNS_IN_TREND = 30
_FEWEST = 2


def show_overview(visitor: Visitor) -> None:
    """Show the page, or say why it cannot be shown."""
    client = visitor.client
    with told("The latest run cannot be shown"):
        # Painted while the run is asked for, and then in full.
        place = st.empty()
        place.html(wrap(head("Overview")))
        run = client.latest_run()
        place.html(wrap(_title(run), _warnings(run), _figures(run), _quality(run)))
        left, right = st.columns(2, gap="large")
        left.html(wrap(_types(run)))
        with right, st.spinner("Asking for the runs before…"):
            _show_trends(client.runs(limit=RUNS_IN_TREND).runs)
        with st.spinner("Counting what was found…"):
            terms = client.top_terms(run.run_id, limit=TOP).terms
            specialties = client.statistics(run.run_id).specialties
        _show_top(terms, specialties)


def _title(run: Run) -> str:
    pipeline = run.pipeline
    beneath = (
        f"{run.run_id} · finished {show_moment(run.finished_at)} · {pipeline.extractor} {pipeline.extractor_version}"
    )
    return head("Overview", status=run.status, beneath=beneath)


def _figures(run: Run) -> str:
    counts = run.counts
    ledger = link_to(Place.RUNS, run=run.run_id)
    quarantine = link_to(Place.RUNS, run=run.run_id, state="quarantined")
    return figures(
        [
            Figure("Notes", anchor(show_count(counts.notes), ledger), f"{counts.distinct:,} distinct texts"),
            Figure("Entities", anchor(show_count(counts.entities), link_to(Place.EXPLORE)), "in texts read"),
            Figure("Notes per second", show_rate(run.notes_per_second), "all steps together"),
            Figure("Median", show_milliseconds(run.duration_ms_p50), "for one note"),
            Figure("95th percentile", show_milliseconds(run.duration_ms_p95), "for one note"),
            Figure("In quarantine", anchor(show_count(counts.quarantined), quarantine), "could not be read"),
            Figure("Freshness", show_age(run.finished_at, datetime.now(UTC)), "since the run finished"),
        ]
    )


def _quality(run: Run) -> str:
    gold = choose_gold(run.evaluation)
    if gold is None:
        return paragraph("This run was not compared with a gold set; hctap-etl evaluate --gold does so.")
    scores = run.evaluation[gold]
    wanted = (
        ("Precision", "strict", ("strict", "micro", "precision")),
        ("Recall", "strict", ("strict", "micro", "recall")),
        ("Strict F1", "same span and type", ("strict", "micro", "f1")),
        ("Overlap F1", "same type, one character", ("overlap", "micro", "f1")),
        ("Intersection F1", "strict, on shared notes", ("intersection", "strict", "micro", "f1")),
        ("Assertions F1", "all five attributes", ("assertion", "micro", "f1")),
    )
    link = link_to(Place.QUALITY, run=run.run_id, gold=gold)
    items = [Figure(label, anchor(show_score(find_score(scores, *path)), link), hint) for label, hint, path in wanted]
    return paragraph(f"Against the gold set {gold}, in percent:") + figures(items)


def _warnings(run: Run) -> str:
    coverage = run.counts.coverage
    drifts = coverage.drifts if coverage else ()
    words = [*find_gaps(run.evaluation)]
    words += [
        f"{show_name(drift.measure.replace('.', ' '))} moved from {drift.before:.3g} to {drift.now:.3g}."
        for drift in drifts
    ]
    return "".join(warn(word) for word in words)


def _types(run: Run) -> str:
    known = {kind.value: TINTS[kind] for kind in EntityType}
    counts = sorted(run.counts.by_type.items(), key=lambda item: (-item[1], item[0]))
    items = [
        Bar(anchor(show_name(name), link_to(Place.EXPLORE, type=name)), count, known.get(name, PLAIN_TINT))
        for name, count in counts
    ]
    content = bars("Entities by type", items) if items else paragraph("The run found no entities.")
    return heading("Entities by type") + content + _quarantine(run)


def _quarantine(run: Run) -> str:
    reasons = sorted(run.counts.by_reason.items(), key=lambda item: (-item[1], item[0]))
    if not reasons:
        return heading("Quarantine") + paragraph("Every note could be read.")
    rows = [(show_name(reason), REASON_HELP[reason], count) for reason, count in reasons]
    return heading("Quarantine") + counted("Notes by reason", rows)


def _show_trends(newest_first: Sequence[Run]) -> None:
    runs = [run for run in reversed(newest_first) if run.status in FINISHED]
    if len(runs) < _FEWEST:
        st.html(
            wrap(
                heading("Run by run"),
                paragraph("Once a second run has finished, this shows how scores and speed went."),
            )
        )
        return
    st.html(wrap(heading(f"The last {count_of(len(runs), 'run')}")))
    scored = [point for run in runs for point in _scores_of(run)]
    if len({point["run"] for point in scored}) >= _FEWEST:
        st.html(wrap(paragraph("F1 on the gold set that is never tuned on, where there is one.")))
        show_trend("F1", scored, percent=True)
    speed = [{"run": run.run_id, "value": run.notes_per_second} for run in runs if run.notes_per_second]
    if len(speed) >= _FEWEST:
        st.html(wrap(paragraph("Notes per second.")))
        show_trend("Notes per second", speed)


def _scores_of(run: Run) -> list[Mapping[str, Any]]:
    gold = choose_gold(run.evaluation)
    if gold is None:
        return []
    points = ((name.title(), find_score(run.evaluation[gold], name, "micro", "f1")) for name in ("strict", "overlap"))
    return [{"run": run.run_id, "series": name, "value": value} for name, value in points if value is not None]


def _show_top(terms: Mapping[EntityType, Sequence[TermCount]], specialties: Sequence[SpecialtyCounts]) -> None:
    first, second, third = st.columns(3, gap="large")
    for column, kind in ((first, EntityType.PROBLEM), (second, EntityType.MEDICATION)):
        title = f"Top {show_name(kind).lower()}s"
        words = paragraph("By the notes that affirm them.")
        column.html(wrap(heading(title), words, _rank(title, kind, terms.get(kind, ()))))
    commonest = sorted(specialties, key=lambda one: (-one.notes, one.specialty))[:TOP]
    items = [
        Bar(anchor(one.specialty, link_to(Place.NOTES, specialty=one.specialty)), one.notes, PLAIN_TINT)
        for one in commonest
    ]
    third.html(wrap(heading("Specialties"), paragraph("By their notes."), bars("Notes by specialty", items)))


def _rank(title: str, kind: EntityType, terms: Sequence[TermCount]) -> str:
    if not terms:
        return paragraph("None were found.")
    link = link_to(Place.EXPLORE, type=kind, asserted="present")
    items = [Bar(anchor(one.norm_text, link, words=one.norm_text), one.notes, TINTS[kind]) for one in terms]
    return bars(title, items)
