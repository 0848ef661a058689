"""How the parts are: health, queue, freshness, cost; and where metrics and logs are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from hctap_core.answers import Check, Readiness
from hctap_core.orders import Worker
from hctap_core.permissions import Permission
from hctap_core.runs import FINISHED, Run
from hctap_core.statistics import Freshness
from hctap_dashboard.address import Place, link_to
from hctap_dashboard.failures import refuse, told
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import (
    MISSING,
    Figure,
    Table,
    chip,
    escape,
    figures,
    head,
    heading,
    paragraph,
    table,
    warn,
    wrap,
)
from hctap_dashboard.ordering import ACTIVE
from hctap_dashboard.visitor import Visitor
from hctap_dashboard.wording import count_of, show_age, show_milliseconds, show_moment, show_name, show_seconds

_MILLION: Final = 1_000_000
_RUNS: Final = 50
_LOGS: Final = "Each part writes its log into logs/ of the home (HCTAP_HOME, else .hctap), one event a line."


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where people look at metrics and logs over time: addresses of another program, as far as there is one."""

    metrics: str | None = None
    logs: str | None = None


def show_operations(visitor: Visitor, elsewhere: Elsewhere | None = None) -> None:
    """Show the page."""
    st.html(wrap(head("Operations", beneath="How the parts are, and what waits.")))
    if refuse(visitor, Permission.METRICS_READ):
        return
    client = visitor.client
    with told("The state of the parts cannot be shown"):
        with st.spinner("Asking every part…"):
            ready = client.ready()
            runs = client.runs(limit=_RUNS).runs
            workers = client.workers().workers
            freshness = client.freshness()
        latest = _newest(runs)
        active = [run for run in runs if run.status in ACTIVE]
        st.html(wrap(_figures(ready, freshness, latest, active, len(workers)), _warn_of_age(freshness)))
        left, right = st.columns(2, gap="large")
        left.html(wrap(heading("Parts"), table(_parts(ready))))
        left.html(wrap(heading("Metrics and logs"), _elsewhere(client.base_url, elsewhere or Elsewhere())))
        with right:
            st.html(wrap(heading("At work"), _queue(active)))
            st.html(wrap(heading("Workers"), _workers(workers)))
            st.html(wrap(heading("Cost of the last run"), _cost(latest)))


def _newest(runs: Sequence[Run]) -> Run | None:
    finished = [run for run in runs if run.finished_at is not None and run.status in FINISHED]
    return max(finished, key=lambda run: (run.finished_at, run.run_id), default=None)


def _figures(ready: Readiness, freshness: Freshness, latest: Run | None, active: list[Run], workers: int) -> str:
    well = sum(check.ok for check in ready.checks)
    age = show_age(freshness.finished_at, datetime.now(UTC))
    return figures(
        [
            Figure("Health", show_name(ready.status), f"{well} of {count_of(len(ready.checks), 'part')} well"),
            Figure("Freshness", age, f"at most {show_seconds(60 * freshness.limit_minutes)} is wanted"),
            Figure("At work", str(len(active)), "runs queued or running"),
            Figure("Workers", str(workers), "with a sign of life"),
            Figure("In quarantine", f"{latest.counts.quarantined:,}" if latest else MISSING, "in the latest run"),
        ]
    )


def _warn_of_age(freshness: Freshness) -> str:
    if freshness.status == "none":
        return warn("No run over all notes has finished yet.")
    if freshness.status == "ok":
        return ""
    limit = show_seconds(60 * freshness.limit_minutes)
    words = "a little longer ago" if freshness.status == "warning" else "longer ago"
    finished = show_moment(freshness.finished_at)
    return warn(f"The newest run over all notes finished {finished}: {words} than its objective of {limit}.")


def _elsewhere(api_url: str, elsewhere: Elsewhere) -> str:
    metrics = elsewhere.metrics or f"{api_url}/metrics"
    what = "Charts of the metrics" if elsewhere.metrics else "Metrics of the API, for Prometheus"
    links = [_outward(what, metrics)]
    if elsewhere.logs:
        links.append(_outward("Logs of all parts", elsewhere.logs))
    ways = f'<p class="hc-ways">{"".join(links)}</p>'
    return ways + ("" if elsewhere.logs else paragraph(_LOGS))


def _outward(label: str, url: str) -> str:
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(label)}</a>'


def _parts(ready: Readiness) -> Table:
    rows = [_part(check) for check in ready.checks]
    titles = ("Part", "State", "Answered in", "What to do")
    # What to do is said where there is something to be done.
    is_ill = any(not check.ok for check in ready.checks)
    width = len(titles) if is_ill else len(titles) - 1
    return Table("Parts", titles[:width], [row[:width] for row in rows], frozenset({2}), is_list=is_ill)


def _part(check: Check) -> tuple[str, ...]:
    state = chip("well" if check.ok else "failed")
    return show_name(check.name), state, show_milliseconds(check.duration_ms), "" if check.ok else check.remedy or ""


def _queue(active: list[Run]) -> str:
    if not active:
        return paragraph("Nothing waits and nothing runs.")
    rows = [
        (anchor(run.run_id, link_to(Place.RUNS, run=run.run_id)), chip(run.status), show_moment(run.created_at))
        for run in active
    ]
    return table(Table("Runs at work", ("Run", "Status", "Ordered"), rows, is_list=True))


def _workers(found: Sequence[Worker]) -> str:
    if not found:
        return paragraph("No worker gave a sign lately: runs that are started here wait. Start one: hctap-etl worker.")
    now = datetime.now(UTC)
    rows = [
        (
            f"No. {one.worker_no}",
            one.extractor,
            str(one.jobs_at_once),
            show_age(one.started_at, now),
            show_age(one.seen_at, now),
        )
        for one in found
    ]
    titles = ("Worker", "Extractor", "Jobs at once", "Works for", "Last sign")
    return table(Table("Workers", titles, rows, frozenset({2, 3, 4}), is_list=True))


def _cost(latest: Run | None) -> str:
    if latest is None:
        return paragraph("There is no run to count.")
    usage = latest.counts.usage
    dollars = usage.get("cost_usd")
    if dollars is None:
        return paragraph("The latest run asked no paid service: it cost what this machine costs.")
    read = max(latest.counts.done, 1)
    rows = [(show_name(name), f"{value:,.2f}") for name, value in sorted(usage.items())]
    rows.append(("US dollars per million notes", f"{dollars / read * _MILLION:,.0f}"))
    return table(Table("Cost", ("What", "How much"), rows, frozenset({1})))
