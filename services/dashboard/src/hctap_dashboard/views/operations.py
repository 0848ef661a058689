"""How the parts are: health, queue, freshness, cost; and where metrics and logs are."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.answers import Check, Readiness
from hctap_core.errors import RunNotFound
from hctap_core.orders import Worker
from hctap_core.permissions import Permission
from hctap_core.runs import Run
from hctap_dashboard.address import Place, link_to
from hctap_dashboard.failures import refuse, told
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import (
    MISSING,
    Figure,
    Table,
    chip,
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
from hctap_dashboard.wording import count_of, show_age, show_milliseconds, show_moment, show_name

# So old may the latest run be.
FRESH: Final = timedelta(hours=24)
_MILLION: Final = 1_000_000
_RUNS: Final = 50
_LOGS: Final = "Each part writes its log into logs/ of the home (HCTAP_HOME, else .hctap), one event a line."


def show_operations(visitor: Visitor) -> None:
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
        latest = _latest(client)
        st.html(wrap(_figures(ready, latest, [run for run in runs if run.status in ACTIVE], len(workers))))
        st.html(wrap(_freshness(latest)))
        left, right = st.columns(2, gap="large")
        left.html(wrap(heading("Parts"), table(_parts(ready)), paragraph(_LOGS)))
        with right:
            st.html(wrap(heading("At work"), _queue([run for run in runs if run.status in ACTIVE])))
            st.html(wrap(heading("Workers"), _workers(workers)))
            st.html(wrap(heading("Cost of the last run"), _cost(latest)))


def _latest(client: Client) -> Run | None:
    try:
        return client.latest_run()
    except RunNotFound:
        return None


def _figures(ready: Readiness, latest: Run | None, active: list[Run], workers: int) -> str:
    well = sum(check.ok for check in ready.checks)
    age = show_age(latest.finished_at if latest else None, datetime.now(UTC))
    return figures(
        [
            Figure("Health", show_name(ready.status), f"{well} of {count_of(len(ready.checks), 'part')} well"),
            Figure("Freshness", age, "since a run finished"),
            Figure("At work", str(len(active)), "runs queued or running"),
            Figure("Workers", str(workers), "with a sign of life"),
            Figure("In quarantine", f"{latest.counts.quarantined:,}" if latest else MISSING, "in the latest run"),
        ]
    )


def _freshness(latest: Run | None) -> str:
    if latest is None or latest.finished_at is None:
        return warn("No run has finished yet.")
    if datetime.now(UTC) - latest.finished_at > FRESH:
        return warn(f"The latest run finished {show_moment(latest.finished_at)}, longer ago than its objective, 24 h.")
    return ""


def _parts(ready: Readiness) -> Table:
    rows = [_part(check) for check in ready.checks]
    return Table("Parts", ("Part", "State", "Answered in", "What to do"), rows, frozenset({2}))


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
    return table(Table("Runs at work", ("Run", "Status", "Ordered"), rows))


def _workers(found: Sequence[Worker]) -> str:
    if not found:
        return paragraph("No worker gave a sign lately: runs that are started here wait. Start one: hctap-etl worker.")
    now = datetime.now(UTC)
    rows = [
        (
            str(one.worker_no),
            one.extractor,
            str(one.jobs_at_once),
            show_age(one.started_at, now),
            show_age(one.seen_at, now),
        )
        for one in found
    ]
    titles = ("Worker", "Extractor", "Jobs at once", "Works for", "Last sign")
    return table(Table("Workers", titles, rows, frozenset({2, 3, 4})))


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
