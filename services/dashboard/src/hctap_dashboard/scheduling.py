"""Runs that are ordered again and again: listed for everybody, kept and taken away by who may start runs."""

import re
from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.errors import PlatformError
from hctap_core.orders import RunOrder
from hctap_core.permissions import Permission
from hctap_core.runs import Selection
from hctap_core.schedules import CRON_PATTERN, NAME_PATTERN, Schedule, ScheduleOrder
from hctap_dashboard.address import Place, link_to
from hctap_dashboard.drawers import drawer
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import MISSING, Table, notice, notice_of, paragraph, table, wrap
from hctap_dashboard.visitor import Visitor
from hctap_dashboard.wording import show_moment

SCHEDULES_DRAWER: Final = "schedules_drawer"
# What most people want, so that few have to know cron.
USUAL: Final[Mapping[str, str]] = {
    "Every hour": "0 * * * *",
    "Every night at 02:00": "0 2 * * *",
    "Every Monday at 02:00": "0 2 * * 1",
    "On the first of the month at 02:00": "0 2 1 * *",
}
_TIMES: Final = "Times are in UTC. A run begins when a worker is there, and not while the one before is under way."
_CRON_HELP: Final = "Minute, hour, day of the month, month, day of the week (0 is Sunday), with blanks between them."


def offer_schedules(
    visitor: Visitor, extractors: tuple[str, ...], know_specialties: Callable[[Client], list[str]]
) -> None:
    """The schedules, and the form that keeps one for who may."""
    with drawer("Schedules", SCHEDULES_DRAWER) as is_open:
        if not is_open:
            return
        found = visitor.client.schedules().schedules
        st.html(wrap(_list(found)))
        if visitor.may(Permission.RUNS_CHANGE):
            _offer_removal(visitor.client, found)
            _offer_form(visitor.client, extractors, know_specialties(visitor.client))


def say_when(cron: str) -> str:
    """The times of an expression in words where they are usual ones, else the expression."""
    return next((words for words, usual in USUAL.items() if usual == cron), cron)


def say_which(order: RunOrder) -> str:
    """What a scheduled run reads."""
    words = ["new and changed notes" if order.incremental else "all notes"]
    if order.selection is not None:
        words += [", ".join(order.selection.specialties)] if order.selection.specialties else []
        words += [f"at most {order.selection.limit:,}"] if order.selection.limit else []
    return "; ".join(words)


def _list(found: tuple[Schedule, ...]) -> str:
    if not found:
        return paragraph("No run is scheduled.")
    rows = [
        (
            one.name,
            say_when(one.cron),
            one.order.extractor,
            say_which(one.order),
            show_moment(one.next_at) if one.next_at else "never",
            anchor(one.last_run_id, link_to(Place.RUNS, run=one.last_run_id)) if one.last_run_id else MISSING,
        )
        for one in found
    ]
    return table(
        Table("Schedules", ("Name", "When", "Extractor", "Reads", "Next", "Last run"), rows, is_list=True)
    ) + paragraph(_TIMES)


def _offer_removal(client: Client, found: tuple[Schedule, ...]) -> None:
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Take away", [one.name for one in found], key="schedule_removed", width=260)
        if st.button("Take the schedule away"):
            _change(lambda: client.remove_schedule(name))


def _offer_form(client: Client, extractors: tuple[str, ...], specialties: list[str]) -> None:
    with st.form("schedule", border=False):
        first, second, third = st.columns([1, 1.4, 1.4], vertical_alignment="bottom")
        name = first.text_input("Name", key="schedule_name", max_chars=80, placeholder="such as nightly").strip()
        usual = second.selectbox("When", list(USUAL), index=1, key="schedule_usual")
        own = third.text_input(
            "Or at other times, as cron",
            key="schedule_cron",
            max_chars=100,
            placeholder="30 6 * * 1-5",
            help=_CRON_HELP,
        )
        fourth, fifth, sixth, seventh = st.columns([1, 1.4, 0.7, 0.7], vertical_alignment="bottom")
        extractor = fourth.selectbox("Extractor", extractors, key="schedule_extractor")
        chosen = fifth.multiselect("Specialties", specialties, placeholder="All", key="schedule_specialties")
        limit = sixth.number_input("At most", min_value=1, value=None, placeholder="All notes", key="schedule_limit")
        incremental = seventh.checkbox("Only new and changed notes", value=True, key="schedule_incremental")
        if st.form_submit_button("Keep the schedule", type="primary"):
            cron = " ".join(own.split()) or USUAL[usual]
            problem = _find_problem(name, cron)
            if problem:
                st.html(wrap(notice("The schedule was not kept", problem)))
                return
            selection = Selection(specialties=tuple(chosen) or None, limit=limit) if chosen or limit else None
            order = RunOrder(extractor=extractor, selection=selection, incremental=incremental)
            _change(lambda: client.put_schedule(name, ScheduleOrder(cron=cron, order=order)))


def _find_problem(name: str, cron: str) -> str | None:
    if not re.fullmatch(NAME_PATTERN, name):
        return "A name has letters, digits, dots, dashes and underscores, and begins with a letter or digit."
    if not re.fullmatch(CRON_PATTERN, cron):
        return f"The times are not a cron expression. {_CRON_HELP}"
    return None


def _change(change: Callable[[], Schedule]) -> None:
    try:
        change()
    except PlatformError as error:
        st.html(wrap(notice_of(error, "The schedule was not changed")))
        return
    st.rerun()
