"""Signing in with a key of the API or at an OpenID provider, and out again after a time without a sign of life.

A key lives in the memory of this visit alone: in no cookie, no address and no file. A provider's token lives in a
signed cookie of Streamlit's that no script can read; the API decides by it, no longer than the provider says.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.errors import NotAllowed, NotSignedIn, PlatformError
from hctap_core.permissions import Identity
from hctap_dashboard.markup import escape, head, notice, notice_of, paragraph, wrap
from hctap_dashboard.openid import PROVIDER, Registration
from hctap_dashboard.visitor import Visitor

MAKES_KEY: Final = 'hctap-api keys create --name "ward 7" --role reader'
_CLIENT: Final = "signed_in_client"
_IDENTITY: Final = "signed_in_identity"
_SEEN: Final = "signed_in_seen"
_WORD: Final = "signed_out_because"
_FIELD: Final = "typed_key"
_PASSED: Final = "signed_in_passed"
# So long a key that was revoked may still see which pages there are; the API refuses it at once.
_REMEMBERED_SECONDS: Final = 60.0
_IDLE_CHECK: Final = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class _Known:
    identity: Identity
    until: float


def find_visitor(shared: Client, idle: timedelta, registration: Registration | None = None) -> Visitor | None:
    """Who visits: with their own key or token, or with the dashboard's key where the API takes it.

    None who must sign in; where there is a provider, everybody must, whatever the dashboard's own key allows.

    Raises:
        PlatformError: The API cannot be asked.
    """
    token = None if registration is None else _token_of(registration)
    own = _own_client(shared.base_url, token)
    if own is not None and _is_idle(idle):
        forget("You were signed out after a while without a sign of life.")
        return None
    st.session_state[_SEEN] = time.monotonic()
    client = own if registration else own or shared
    if client is None:
        return None
    try:
        return Visitor(client, _identify(client), has_own_key=own is not None, name=_name() if token else None)
    except NotSignedIn:
        if own is not None:
            _drop("Your sign-in has run out." if token else "Your key is not valid any more.")
    except NotAllowed as error:
        if not token:
            raise
        _drop(f"{error.message} {error.remedy or ''}".strip())
    return None


def ask_for_key(api_url: str, registration: Registration | None = None) -> None:
    """Show the way to the provider where there is one, and the form that takes a key, and take it."""
    left, middle, right = st.columns([1, 1.2, 1])
    del left, right
    with middle:
        who = "Your key" if registration is None else "Your account"
        st.html(wrap(head("Sign in", beneath=f"HC-TAP reads clinical notes. {who} says what you may see.")))
        word = st.session_state.pop(_WORD, None)
        if word:
            st.html(wrap(f'<p class="hc-warning" role="status">{escape(word)}</p>'))
        if registration is None:
            _show_form(api_url)
            return
        st.button(
            f"Sign in at {registration.name}", type="primary", on_click=st.login, args=(PROVIDER,), width="stretch"
        )
        with st.expander("Sign in with a key instead"):
            _show_form(api_url)


def _show_form(api_url: str) -> None:
    with st.form("sign_in", border=False):
        st.text_input("Key", key=_FIELD, type="password", autocomplete="current-password", max_chars=200)
        sent = st.form_submit_button("Sign in", type="primary")
    if sent:
        _try_key(api_url, st.session_state[_FIELD].strip())
    st.html(wrap(paragraph(f"An admin makes keys: `{MAKES_KEY}`.")))


def forget(word: str | None = None) -> None:
    """End the visit: nothing of it stays in memory, and nothing at the provider that it would begin again by."""
    _drop(word)
    if st.user.get("is_logged_in"):
        st.logout()


def _drop(word: str | None = None) -> None:
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


def _token_of(registration: Registration) -> str | None:
    if not st.user.get("is_logged_in"):
        return None
    token: str | None = st.user.tokens.get(registration.token)
    return token


def _name() -> str | None:
    named = next((st.user[claim] for claim in ("name", "email") if st.user.get(claim)), None)
    return None if named is None else str(named)


def _own_client(api_url: str, token: str | None) -> Client | None:
    """The client of this visit; a key that was typed goes before a provider's token."""
    own: Client | None = st.session_state.get(_CLIENT)
    known: str | None = st.session_state.get(_PASSED)
    if token is None or token == known or (own is not None and known is None):
        return own
    if own is not None:
        own.close()
    st.session_state.pop(_IDENTITY, None)
    st.session_state[_CLIENT] = own = Client(api_url, key=token)
    st.session_state[_PASSED] = token
    return own


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
    st.session_state.pop(_PASSED, None)
    st.session_state[_CLIENT] = client
    st.session_state[_SEEN] = time.monotonic()
    st.rerun()
