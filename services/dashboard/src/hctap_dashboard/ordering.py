"""Runs on order: started, stopped, gone on with, and followed while they work."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.errors import PlatformError
from hctap_core.orders import RunAccepted, RunProgress
from hctap_core.permissions import Permission
from hctap_core.runs import Run, RunStatus, Selection
from hctap_dashboard.address import write_address
from hctap_dashboard.drawers import drawer
from hctap_dashboard.markup import escape, notice_of, warn, wrap
from hctap_dashboard.visitor import Visitor
from hctap_dashboard.wording import count_of, show_seconds

START_DRAWER: Final = "start_drawer"
EXTRACTORS: Final = ("hybrid", "rules", "model")
_LOOK_UP: Final = timedelta(seconds=2)
_ONCE, _WORD = "order_key", "order_word"
_OVER: Final = frozenset({RunStatus.CANCELLED, RunStatus.FAILED})
ACTIVE: Final = frozenset({RunStatus.QUEUED, RunStatus.RUNNING})


def offer_start(visitor: Visitor, know_specialties: Callable[[Client], list[str]]) -> None:
    """The form that starts a run; nothing for who may not."""
    if not visitor.may(Permission.RUNS_CHANGE):
        return
    with drawer("Start a run", START_DRAWER) as is_open:
        if is_open:
            _show_form(visitor, know_specialties(visitor.client))


def _show_form(visitor: Visitor, specialties: list[str]) -> None:
    with st.form("start_run", border=False):
        first, second, third, fourth = st.columns([1, 2, 1, 1], vertical_alignment="bottom")
        extractor = first.selectbox("Extractor", EXTRACTORS, key="order_extractor")
        chosen = second.multiselect("Specialties", specialties, placeholder="All", key="order_specialties")
        limit = third.number_input("At most", min_value=1, value=None, placeholder="All notes", key="order_limit")
        incremental = fourth.checkbox("Only new and changed notes", key="order_incremental")
        if st.form_submit_button("Start", type="primary"):
            selection = Selection(specialties=tuple(chosen) or None, limit=limit) if chosen or limit else None
            # The same form sent twice, as by an impatient finger, starts one run.
            once = st.session_state.setdefault(_ONCE, secrets.token_urlsafe(16))
            _order(
                lambda: visitor.client.start_run(
                    extractor, selection=selection, incremental=incremental, idempotency_key=once
                )
            )


def offer_changes(visitor: Visitor, run: Run) -> None:
    """The buttons that fit the state of a run; none for who may not."""
    if not visitor.may(Permission.RUNS_CHANGE):
        return
    client, run_id = visitor.client, run.run_id
    with st.container(horizontal=True):
        if run.status in ACTIVE and st.button("Cancel the run"):
            _order(lambda: client.cancel_run(run_id))
        if run.status in _OVER and st.button("Go on with the run"):
            _order(lambda: client.resume_run(run_id))
        if run.status is RunStatus.PARTIAL and st.button("Try the quarantine again"):
            _order(lambda: client.retry_quarantine(run_id))


def tell_last_order() -> None:
    """What became of the order that was given before this page."""
    word = st.session_state.pop(_WORD, None)
    if word:
        st.html(wrap(warn(word)))


def follow(client: Client, run: Run) -> None:
    """How far a run has come, looked up every other second until it is over."""

    @st.fragment(run_every=_LOOK_UP)
    def look() -> None:
        try:
            progress = client.progress(run.run_id)
        except PlatformError as error:
            st.html(wrap(notice_of(error, "The progress cannot be shown")))
            return
        if progress.is_over:
            st.rerun(scope="app")
        st.html(wrap(show_progress(progress)))

    look()


def show_progress(progress: RunProgress) -> str:
    """A bar with how far it is, and what is known of the rest."""
    share = progress.settled / progress.notes if progress.notes else 0.0
    words = f"{progress.settled:,} of {count_of(progress.notes, 'note')}, {count_of(progress.entities, 'entity')}"
    if not progress.notes:
        words = "It waits for its plan"
    left = "" if progress.seconds_left is None else f", about {show_seconds(progress.seconds_left)} left"
    hands = f"{count_of(progress.workers, 'worker')} at hand"
    return (
        f'<div class="hc-progress" role="progressbar" aria-label="Progress of the run" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{round(100 * share)}"><span style="width:{100 * share:.1f}%"></span></div>'
        f'<p class="hc-soft">{escape(f"{words}{left}; {hands}.")}</p>'
    )


def _order(give: Callable[[], RunAccepted]) -> None:
    try:
        accepted = give()
    except PlatformError as error:
        st.html(wrap(notice_of(error, "The order was not taken")))
        return
    st.session_state.pop(_ONCE, None)
    if accepted.remedy:
        st.session_state[_WORD] = f"The order was taken. {accepted.remedy}"
    write_address(run=accepted.run.run_id, state=None)
    st.rerun()
