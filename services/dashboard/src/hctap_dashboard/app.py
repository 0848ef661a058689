"""The script that Streamlit runs for every visitor: settings in, pages out."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.errors import PlatformError
from hctap_core.permissions import Permission
from hctap_dashboard.address import Place
from hctap_dashboard.links import hear_clicks, lead_on
from hctap_dashboard.markup import escape, notice_of, wrap
from hctap_dashboard.openid import Registration
from hctap_dashboard.settings import Settings, read_settings
from hctap_dashboard.signing_in import ask_for_key, find_visitor, forget, watch
from hctap_dashboard.theme import STYLE
from hctap_dashboard.views.compare import show_compare
from hctap_dashboard.views.explore import show_explore
from hctap_dashboard.views.notes import show_notes
from hctap_dashboard.views.operations import Elsewhere, show_operations
from hctap_dashboard.views.overview import show_overview
from hctap_dashboard.views.quality import show_quality
from hctap_dashboard.views.review import show_review
from hctap_dashboard.views.runs import show_runs
from hctap_dashboard.views.try_it import show_try_it
from hctap_dashboard.visitor import Visitor

_View = Callable[[Visitor], None]
# What a page needs beside its title; who lacks it does not see the page among the others.
PAGES: Final[dict[Place, tuple[str, _View, Permission]]] = {
    Place.OVERVIEW: ("Overview", show_overview, Permission.RUNS_READ),
    Place.NOTES: ("Notes", show_notes, Permission.NOTES_READ),
    Place.EXPLORE: ("Explore", show_explore, Permission.ENTITIES_READ),
    Place.RUNS: ("Runs", show_runs, Permission.RUNS_READ),
    Place.COMPARE: ("Compare", show_compare, Permission.RUNS_COMPARE),
    Place.QUALITY: ("Quality", show_quality, Permission.RUNS_READ),
    Place.TRY: ("Try it", show_try_it, Permission.EXTRACT_USE),
    Place.REVIEW: ("Review", show_review, Permission.REVIEWS_DECIDE),
    Place.OPERATIONS: ("Operations", show_operations, Permission.METRICS_READ),
}


@st.cache_resource
def open_client(api_url: str, key: str | None = None) -> Client:
    """One client of the API for all visitors who have no key of their own."""
    return Client(api_url, key=key)


def main() -> None:
    """Show the page that the address names."""
    st.set_page_config(page_title="HC-TAP", layout="wide")
    st.html(STYLE)
    try:
        settings = read_settings()
        idle = timedelta(minutes=settings.dashboard_idle_minutes)
        registration = settings.registration
        visitor = find_visitor(open_client(settings.api_url, settings.api_key), idle, registration)
    except PlatformError as error:
        st.html(wrap(notice_of(error, "The dashboard cannot start")))
        st.button("Try again")
        return
    _show(settings, registration, visitor, idle)


def _show(settings: Settings, registration: Registration | None, visitor: Visitor | None, idle: timedelta) -> None:
    elsewhere = Elsewhere(settings.dashboard_metrics_url, settings.dashboard_logs_url)
    views: dict[Place, _View] = {place: view for place, (_, view, _) in PAGES.items()}
    views[Place.OPERATIONS] = partial(show_operations, elsewhere=elsewhere)
    pages = {
        place: st.Page(
            partial(_view, views[place], visitor),
            title=title,
            url_path=place,
            default=place is Place.OVERVIEW,
            visibility="visible" if visitor is not None and visitor.may(permission) else "hidden",
        )
        for place, (title, _, permission) in PAGES.items()
    }
    page = st.navigation(list(pages.values()), position="top" if visitor else "hidden")
    if visitor is None:
        ask_for_key(settings.api_url, registration)
        return
    st.set_page_config(page_title=f"{page.title} · HC-TAP", layout="wide")
    lead_on(pages)
    if visitor.has_own_key:
        watch(idle)
    listener = st.container()
    page.run()
    # What hears clicks is 200 kB of script, which would come before the title that somebody waits for.
    with listener:
        hear_clicks()
    _show_foot(visitor)


def _view(view: _View, visitor: Visitor | None) -> None:
    if visitor is not None:
        view(visitor)


def _show_foot(visitor: Visitor) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="foot"):
        st.html(wrap(f'<p class="hc-soft">{escape(_who(visitor))}</p>'), width="content")
        if visitor.has_own_key:
            st.button("Sign out", on_click=forget, type="tertiary")


def _who(visitor: Visitor) -> str:
    actor, role = visitor.identity.actor, visitor.identity.role
    if visitor.name is not None:
        return f"Signed in as {visitor.name}, with the role {role}."
    return f"Signed in {'without a key' if actor == 'open' else f'with key {actor}'}, as {role}."


if __name__ == "__main__":
    main()
