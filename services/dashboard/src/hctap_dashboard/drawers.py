"""Parts of a page that are made only once somebody opens them: what nobody sees costs no call and no paint."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def drawer(label: str, key: str) -> Iterator[bool]:
    """A part that can be opened; gives whether it is, and holds what is put out within."""
    container = st.expander(label, key=key, on_change="rerun")
    with container:
        yield bool(container.open)
