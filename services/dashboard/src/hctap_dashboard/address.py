"""The address of every page: its path, and a state of ids and closed words, never of free text."""

import re
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import streamlit as st

from hctap_dashboard.serving import BASE_PATH

_MOST_CHARACTERS: Final = 200
_UNUSABLE: Final = re.compile(r"[\x00-\x1f\x7f]")


class Place(StrEnum):
    """The pages, by the last part of their address."""

    OVERVIEW = "overview"
    NOTES = "notes"
    EXPLORE = "explore"
    RUNS = "runs"
    COMPARE = "compare"
    QUALITY = "quality"
    TRY = "try"
    REVIEW = "review"
    OPERATIONS = "operations"


def link_to(place: Place, **state: str | None) -> str:
    """The address of a page in a state."""
    given = {name: value for name, value in sorted(state.items()) if value is not None}
    # The first page has no name of its own in Streamlit's addresses.
    path = "" if place is Place.OVERVIEW else place.value
    return f"/{BASE_PATH}/{path}" + (f"?{urlencode(given)}" if given else "")


def parse_link(link: str) -> tuple[Place, dict[str, str]] | None:
    """The page and its state that a link of ours leads to, None where it is not one of ours."""
    parts = urlsplit(link)
    name = parts.path.removeprefix(f"/{BASE_PATH}/") or Place.OVERVIEW
    if parts.scheme or parts.netloc or not parts.path or name not in list(Place):
        return None
    return Place(name), {key: value for key, value in parse_qsl(parts.query) if is_usable(value)}


def is_usable(value: str) -> bool:
    """Whether a value can be an id: of a length, and without control characters."""
    return 0 < len(value) <= _MOST_CHARACTERS and not _UNUSABLE.search(value)


def read_address(name: str) -> str | None:
    """What the address says under a name, None where it says nothing that can be used."""
    value = st.query_params.get(name)
    return value if value and is_usable(value) else None


def write_address(**state: str | None) -> None:
    """Put ids into the address, and take out what is None."""
    for name, value in state.items():
        if value is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != value:
            st.query_params[name] = value
