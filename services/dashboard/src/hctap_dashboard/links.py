"""Links of our own: they lead to another page of the same visit, and open in a new tab like any other."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import streamlit as st

from hctap_dashboard.address import Place, parse_link
from hctap_dashboard.markup import Html, escape

WORDS: Final = "words_to_look_for"
_LISTENER, _FOLLOWED = "links", "followed_link"
_SCRIPT: Final = files("hctap_dashboard").joinpath("links.js").read_text("utf-8")


def anchor(label: str, link: str, *, words: str | None = None) -> Html:
    """A link; `words` are handed to the page that it leads to and stand in no address."""
    beside = f' data-words="{escape(words)}"' if words else ""
    return Html(f'<a class="hc-link" href="{escape(link)}"{beside}>{escape(label)}</a>')


def jump(label: str, place: str) -> Html:
    """A link to a place within the page."""
    return Html(f'<a class="hc-jump" href="#{escape(place)}">{escape(label)}</a>')


def lead_on(pages: Mapping[Place, st.Page]) -> None:
    """Go to where a link leads that was clicked, if one was."""
    _lead(st.session_state.pop(_FOLLOWED, None), pages)


def hear_clicks() -> None:
    """Hear of clicks on links; where the next run begins, `lead_on` goes there."""
    listener = st.components.v2.component("hctap.links", js=_SCRIPT)
    listener(key=_LISTENER, on_followed_change=_keep)


def take_words() -> str:
    """The words that a link handed over, once."""
    words: str = st.session_state.pop(WORDS, "")
    return words


def _keep() -> None:
    st.session_state[_FOLLOWED] = st.session_state[_LISTENER].get("followed")


def _lead(followed: Any, pages: Mapping[Place, st.Page]) -> None:  # noqa: ANN401 - whatever a browser sends
    if not isinstance(followed, Mapping):
        return
    target = parse_link(str(followed.get("href", "")))
    if target is None:
        return
    place, state = target
    words = followed.get("words")
    if isinstance(words, str) and words:
        st.session_state[WORDS] = words[:200]
    st.switch_page(pages[place], query_params=state)
