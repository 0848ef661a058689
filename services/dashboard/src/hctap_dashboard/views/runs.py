"""The runs: a list, and each with its figures, what made it, and what became of its notes."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.errors import RunConflict
from hctap_core.ledgers import LedgerEntry
from hctap_core.permissions import Permission
from hctap_core.reasons import REASON_HELP
from hctap_core.runs import FINISHED, NoteState, Run
from hctap_dashboard.address import Place, link_to, read_address, write_address
from hctap_dashboard.drawers import drawer
from hctap_dashboard.failures import told
from hctap_dashboard.filters import ask_for
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import (
    MISSING,
    Figure,
    Table,
    chip,
    counted,
    figures,
    head,
    heading,
    notice,
    paragraph,
    table,
    warn,
    without_blank_columns,
    wrap,
)
from hctap_dashboard.ordering import ACTIVE, EXTRACTORS, follow, offer_changes, offer_start, tell_last_order
from hctap_dashboard.paging import current_cursor, show_pager
from hctap_dashboard.run_details import show_lineage, show_manifest, tabulate_pipeline
from hctap_dashboard.scheduling import offer_schedules
from hctap_dashboard.scores import choose_gold, find_score
from hctap_dashboard.views.notes import know_specialties
from hctap_dashboard.visitor import Visitor
from hctap_dashboard.wording import (
    count_of,
    show_count,
    show_milliseconds,
    show_moment,
    show_name,
    show_rate,
    show_score,
    show_span,
)

RUN: Final = "run"
MANIFEST_DRAWER: Final = "manifest_drawer"
_LIST, _LEDGER = "runs_list", "runs_ledger"
_PAGE: Final = 50
_HEAD: Final = ("Run", "Status", "Extractor", "Begun", "Took", "Notes", "Entities", "Quarantine", "Notes/s", "F1")


def show_runs(visitor: Visitor) -> None:
    """Show the run that the address names, or all."""
    run_id = read_address(RUN)
    with told("The runs cannot be shown"):
        if run_id is None:
            write_address(state=None)
            _show_all(visitor)
        else:
            _show_one(visitor, run_id)


def _show_all(visitor: Visitor) -> None:
    st.html(wrap(head("Runs", beneath="Each run reads the notes with one pipeline, and answers for every note.")))
    # Asked before the page is filled, so that its title is painted meanwhile.
    page = visitor.client.runs(after=current_cursor(_LIST, None), limit=_PAGE)
    offer_start(visitor, know_specialties)
    offer_schedules(visitor, EXTRACTORS, know_specialties)
    if not page.runs:
        st.html(wrap(notice("There are no runs yet", "Nothing was run so far.", "Run `make etl`, or `hctap-etl run`.")))
        return
    rows = [_row(run) for run in page.runs]
    st.html(wrap(table(Table("Runs", _HEAD, rows, frozenset(range(4, len(_HEAD))), is_list=True))))
    st.html(wrap(paragraph("F1 is strict, in percent, on the gold set that is never tuned on, where the run has one.")))
    show_pager(_LIST, page.next_cursor)


def _row(run: Run) -> tuple[str, ...]:
    gold = choose_gold(run.evaluation)
    score = find_score(run.evaluation[gold], "strict", "micro", "f1") if gold else None
    counts = run.counts
    return (
        anchor(run.run_id, link_to(Place.RUNS, run=run.run_id)),
        chip(run.status),
        f"{run.pipeline.extractor} {run.pipeline.extractor_version}",
        show_moment(run.started_at or run.created_at),
        show_span(run.started_at, run.finished_at),
        show_count(counts.notes),
        show_count(counts.entities),
        show_count(counts.quarantined),
        show_rate(run.notes_per_second),
        show_score(score),
    )


def _show_one(visitor: Visitor, run_id: str) -> None:
    st.html(wrap(f'<p class="hc-soft hc-back">{anchor("All runs", link_to(Place.RUNS))}</p>'))
    with st.spinner("Asking for the run…"):
        run = visitor.client.run(run_id)
    st.html(wrap(head(run.run_id, status=run.status, beneath=_when(run))))
    tell_last_order()
    if run.error:
        st.html(wrap(warn(f"It was stopped: {run.error}")))
    if run.status in ACTIVE:
        follow(visitor.client, run)
    st.html(wrap(_figures(run), _ways_on(visitor, run)))
    offer_changes(visitor, run)
    left, right = st.columns(2, gap="large")
    left.html(wrap(heading("What made it"), table(tabulate_pipeline(run))))
    right.html(wrap(_quarantine(run), _identifiers(run)))
    if run.status in FINISHED:
        _show_traces(visitor.client, run)
    _show_ledger(visitor.client, run)


def _show_traces(client: Client, run: Run) -> None:
    try:
        manifest = client.manifest(run.run_id)
    except RunConflict as error:
        st.html(wrap(heading("Where it came from and where it went"), paragraph(error.message)))
        return
    st.html(wrap(show_lineage(run, manifest)))
    with drawer("The manifest: what it left, object by object", MANIFEST_DRAWER) as is_open:
        if not is_open:
            return
        st.html(wrap(show_manifest(manifest)))
        text = manifest.model_dump_json(indent=2, exclude_none=True)
        st.download_button("Download the manifest", text, f"{run.run_id}.json", "application/json", on_click="ignore")


def _when(run: Run) -> str:
    if run.finished_at is None:
        return f"begun {show_moment(run.started_at or run.created_at)}"
    took = show_span(run.started_at, run.finished_at)
    return f"finished {show_moment(run.finished_at)}, took {took}"


def _figures(run: Run) -> str:
    counts = run.counts
    items = [
        Figure("Notes", show_count(counts.notes), f"{counts.distinct:,} distinct texts"),
        Figure("Read", show_count(counts.done), "by this run"),
        Figure("Duplicates", show_count(counts.duplicates), "share a text, read once"),
        Figure("Unchanged", show_count(counts.unchanged), "carried over"),
        Figure("In quarantine", show_count(counts.quarantined), "could not be read"),
        Figure("Entities", show_count(counts.entities), f"from {counts.characters:,} characters"),
        Figure("Median", show_milliseconds(run.duration_ms_p50), "for one note"),
        Figure("95th percentile", show_milliseconds(run.duration_ms_p95), "for one note"),
    ]
    return figures(items)


def _ways_on(visitor: Visitor, run: Run) -> str:
    if run.status not in FINISHED:
        return ""
    ways = [anchor("Its quality", link_to(Place.QUALITY, run=run.run_id))]
    if visitor.may(Permission.RUNS_COMPARE):
        ways.append(anchor("Compare it with another", link_to(Place.COMPARE, second=run.run_id)))
    return f'<p class="hc-ways">{" ".join(ways)}</p>'


def _quarantine(run: Run) -> str:
    reasons = sorted(run.counts.by_reason.items(), key=lambda item: (-item[1], item[0]))
    if not reasons:
        said = "Every note could be read." if run.status in FINISHED else "No note so far."
        return heading("Quarantine") + paragraph(said)
    rows = [(show_name(reason), REASON_HELP[reason], count) for reason, count in reasons]
    return heading("Quarantine") + counted("Notes by reason", rows)


def _identifiers(run: Run) -> str:
    counts = run.counts
    if not counts.phi:
        return ""
    kinds = ", ".join(f"{show_name(kind).lower()} {count:,}" for kind, count in sorted(counts.phi.items()))
    found = f"{count_of(counts.phi_notes, 'text')} with identifiers of persons: {kinds}."
    return heading("Identifiers") + paragraph(found)


def _show_ledger(client: Client, run: Run) -> None:
    st.html(wrap(heading("What became of its notes")))
    picked = ask_for("State", "state", [state.value for state in NoteState], width=260)
    state = NoteState(picked) if picked else None
    with st.spinner("Reading the ledger…"):
        page = client.ledger(run.run_id, state, after=current_cursor(_LEDGER, (run.run_id, picked)), limit=_PAGE)
    if not page.notes:
        st.html(wrap(paragraph("No note of the run is in this state.")))
        return
    st.html(wrap(table(without_blank_columns(_tabulate(page.notes, run.run_id)))))
    show_pager(_LEDGER, page.next_cursor)


def _tabulate(entries: Sequence[LedgerEntry], run_id: str) -> Table:
    rows = [_entry(entry, run_id) for entry in entries]
    titles = ("Note", "State", "Why", "Entities", "Characters", "Attempt", "Time")
    return Table("Ledger", titles, rows, frozenset({3, 4, 5, 6}), is_list=True)


def _entry(entry: LedgerEntry, run_id: str) -> tuple[str, ...]:
    name: str = entry.note_id or entry.object_key
    is_shown = entry.note_id is not None and entry.state is not NoteState.QUARANTINED
    return (
        anchor(name, link_to(Place.NOTES, note=name, run=run_id)) if is_shown else name,
        chip(entry.state),
        _why(entry),
        show_count(entry.entities),
        show_count(entry.characters),
        show_count(entry.attempt),
        show_milliseconds(entry.duration_ms),
    )


def _why(entry: LedgerEntry) -> str:
    if entry.reason is not None:
        return f"{show_name(entry.reason)}. {REASON_HELP[entry.reason]}"
    return f"same text as {entry.duplicate_of}" if entry.duplicate_of else MISSING
