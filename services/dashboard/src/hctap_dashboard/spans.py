"""Spans that a reviewer selects in a note, led back from the text as it is shown to the text as it is stored."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import streamlit as st

_SCRIPT: Final = files("hctap_dashboard").joinpath("spans.js").read_text("utf-8")


def read_selection(text: str) -> tuple[int, int] | None:
    """What was selected just now in the note on the page, as offsets of its stored text; both equal for a click."""
    component = st.components.v2.component("hctap.spans", js=_SCRIPT)
    result = component(key="spans", on_selected_change=lambda: None)
    return locate(text, result.get("selected"))


def locate(text: str, selected: Any) -> tuple[int, int] | None:  # noqa: ANN401 - whatever a browser sends
    """The stored offsets of a selection in the shown text, without blanks at its ends; None for what is none."""
    if not isinstance(selected, Mapping):
        return None
    places = shown_places(text)
    begin, end = selected.get("begin"), selected.get("end")
    if not isinstance(begin, int) or not isinstance(end, int) or not 0 <= begin <= end < len(places):
        return None
    first, last = places[begin], places[end]
    if first == last:
        return first, last
    words = text[first:last]
    first += len(words) - len(words.lstrip())
    last -= len(words) - len(words.rstrip())
    return (first, last) if first < last else None


def shown_places(text: str) -> list[int]:
    """Where each character of the shown text, in which every line end is one, stands in the stored one; and its end."""
    places = [place for place in range(len(text)) if not (text[place] == "\n" and text[place - 1 : place] == "\r")]
    return [*places, len(text)]
