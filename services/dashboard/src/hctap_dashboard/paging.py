"""Pages of a list by the API's cursors: one is held at a time, and the way back is remembered."""

import streamlit as st


def current_cursor(name: str, search: object) -> str | None:
    """The cursor of the page that is shown; another search begins at its first page."""
    held = st.session_state.get(name)
    if held is None or held["search"] != search:
        st.session_state[name] = held = {"search": search, "cursors": []}
    cursors: list[str] = held["cursors"]
    return cursors[-1] if cursors else None


def show_pager(name: str, next_cursor: str | None, *, beneath: str = "") -> None:
    """Previous and next, and which page this is; nothing where there is one page alone."""
    cursors: list[str] = st.session_state[name]["cursors"]
    if not cursors and next_cursor is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Previous page", key=f"{name}_back", disabled=not cursors, on_click=_step, args=(cursors, None))
        st.button(
            "Next page", key=f"{name}_on", disabled=next_cursor is None, on_click=_step, args=(cursors, next_cursor)
        )
        st.caption(f"Page {len(cursors) + 1:,}{beneath}")


def _step(cursors: list[str], onward: str | None) -> None:
    if onward is None:
        cursors.pop()
    else:
        cursors.append(onward)
