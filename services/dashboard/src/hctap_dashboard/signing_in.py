"""Signing in with a key of the API, and out again after a time without a sign of life.

The key lives in the memory of this visit alone: in no cookie, no address and no file.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.errors import NotSignedIn, PlatformError
from hctap_core.permissions import Identity
from hctap_dashboard.markup import escape, head, notice, notice_of, wrap
from hctap_dashboard.visitor import Visitor

_CLIENT: Final = "signed_in_client"
_IDENTITY: Final = "signed_in_identity"
_SEEN: Final = "signed_in_seen"
_WORD: Final = "signed_out_because"
_FIELD: Final = "typed_key"
# So long a key that was revoked may still see which pages there are; the API refuses it at once.
_REMEMBERED_SECONDS: Final = 60.0
_IDLE_CHECK: Final = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class _Known:
    identity: Identity
    until: float


def find_visitor(shared: Client, idle: timedelta) -> Visitor | None:
    """Who visits: with their own key, or with the dashboard's where the API takes it; None who must sign in.

    Raises:
        PlatformError: The API cannot be asked.
    """
    own: Client | None = st.session_state.get(_CLIENT)
    if own is not None and _is_idle(idle):
        forget("You were signed out after a while without a sign of life.")
        return None
    st.session_state[_SEEN] = time.monotonic()
    try:
        return Visitor(own or shared, _identify(own or shared), has_own_key=own is not None)
    except NotSignedIn:
        if own is not None:
            forget("Your key is not valid any more.")
        return None


def ask_for_key(api_url: str) -> None:
    """Show the form that takes a key, and take it."""
    left, middle, right = st.columns([1, 1.2, 1])
    del left, right
    with middle:
        st.html(wrap(head("Sign in", beneath="HC-TAP reads clinical notes. Your key says what you may see.")))
        word = st.session_state.pop(_WORD, None)
        if word:
            st.html(wrap(f'<p class="hc-warning" role="status">{escape(word)}</p>'))
        with st.form("sign_in", border=False):
            st.text_input("Key", key=_FIELD, type="password", autocomplete="current-password", max_chars=200)
            sent = st.form_submit_button("Sign in", type="primary")
        if sent:
            _try_key(api_url, st.session_state[_FIELD].strip())
        st.html(wrap('<p class="hc-soft">An admin makes keys: <code>hctap-api keys create --name "ward 7"</code>.</p>'))


def forget(word: str | None = None) -> None:
    """End the visit: nothing of it stays in memory."""
    own: Client | None = st.session_state.get(_CLIENT)
    st.session_state.clear()
    if own is not None:
        own.close()
    if word:
        st.session_state[_WORD] = word


def watch(idle: timedelta) -> None:
    """Clear the page of a visitor who is idle; it looks every few seconds and counts as no sign of life."""

    @st.fragment(run_every=_IDLE_CHECK)
    def look() -> None:
        if _is_idle(idle):
            st.rerun(scope="app")

    look()


def _is_idle(idle: timedelta) -> bool:
    seen: float = st.session_state.get(_SEEN, time.monotonic())
    return time.monotonic() - seen > idle.total_seconds()


def _identify(client: Client) -> Identity:
    known: _Known | None = st.session_state.get(_IDENTITY)
    if known is not None and known.until > time.monotonic():
        return known.identity
    identity = client.me()
    st.session_state[_IDENTITY] = _Known(identity, time.monotonic() + _REMEMBERED_SECONDS)
    return identity


def _try_key(api_url: str, key: str) -> None:
    if not key.isascii() or not key.isprintable() or " " in key or not key:
        st.html(wrap(notice("This is no key", "A key has letters, digits and signs, and no blanks.")))
        return
    client = Client(api_url, key=key)
    try:
        client.me()
    except PlatformError as error:
        client.close()
        st.html(wrap(notice_of(error, "This key does not open the door")))
        return
    st.session_state.pop(_IDENTITY, None)
    st.session_state[_CLIENT] = client
    st.session_state[_SEEN] = time.monotonic()
    st.rerun()
