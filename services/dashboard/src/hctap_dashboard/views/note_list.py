"""Notes in a list: all, or those of a kind, a source, a time, with an entity or a code."""

from datetime import UTC, date, datetime, time
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from hctap_client import Client
from hctap_core.answers import NotePage, NoteSummary
from hctap_core.entities import EntityType
from hctap_core.note_lists import MOST_NOTES_LISTED, NotesAsked
from hctap_core.searches import CodeFilter
from hctap_dashboard.address import Place, link_to
from hctap_dashboard.filters import ask_for, read_code
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import MISSING, Html, Table, notice, paragraph, table, without_blank_columns, wrap
from hctap_dashboard.paging import current_cursor, show_pager
from hctap_dashboard.views.reader import nothing_imported
from hctap_dashboard.wording import show_day

_LIST, _LISTED, _CODE = "notes_list", "notes_listed", "notes_listed_code"
_PAGE: Final = 50
_LONGEST: Final = 200
_KNOWN: Final = "known_{}"
_NO_PREFIX: Final = "This list takes a whole code, such as I10; the other way of finding notes takes R07* as well."


def show_all(client: Client) -> None:
    """All notes by their ids."""
    with st.spinner("Looking for notes…"):
        page = client.list_notes(NotesAsked(cursor=current_cursor(_LIST, None), limit=_PAGE))
    if not page.notes:
        st.html(wrap(nothing_imported()))
        return
    _show(page, _LIST)


def show_listed(client: Client, specialties: list[str]) -> None:
    """The notes for which all that is picked holds."""
    _learn(client)
    asked = _ask(specialties)
    if asked is None:
        return
    with st.spinner("Looking for notes…"):
        page = client.list_notes(asked.model_copy(update={"cursor": current_cursor(_LISTED, asked), "limit": _PAGE}))
    if not page.notes:
        st.html(wrap(notice("Nothing fits", "No note is of this kind.", "Take a filter away.")))
        return
    _show(page, _LISTED)


def link_note(note_id: str, run_id: str | None = None) -> Html:
    """A link to a note as a run read it."""
    return anchor(note_id, link_to(Place.NOTES, note=note_id, run=run_id))


def _ask(specialties: list[str]) -> NotesAsked | None:
    first, second, third, fourth = st.columns(4)
    with first:
        specialty = ask_for("Specialty", "specialty", specialties)
    note_type = _ask_known(second, "Type of note", "note_type")
    source = _ask_known(third, "Source", "source")
    with fourth:
        kind = ask_for("With an entity of type", "type", [kind.value for kind in EntityType])
    first, second, third, _ = st.columns(4)
    begin: date | None = first.date_input("Written from", None, key="listed_from", format="YYYY-MM-DD")
    end: date | None = second.date_input("Written before", None, key="listed_to", format="YYYY-MM-DD")
    typed = third.text_input("With the code", key=_CODE, max_chars=60, placeholder="I10").strip()
    code = read_code(typed) if typed else None
    if typed and not (code and code.code):
        st.html(wrap(paragraph(_NO_PREFIX)))
        return None
    return ask_notes(specialty, note_type, source, kind, (begin, end), code)


def ask_notes(
    specialty: str | None,
    note_type: str | None,
    source: str | None,
    kind: str | None,
    written: tuple[date | None, date | None],
    code: CodeFilter | None,
) -> NotesAsked:
    """What is asked of the API; days begin at midnight, UTC."""
    begin, end = (None if day is None else datetime.combine(day, time(), UTC) for day in written)
    return NotesAsked(
        specialty=specialty,
        note_type=note_type,
        source=source,
        entity_type=EntityType(kind) if kind else None,
        authored_from=begin,
        authored_to=end,
        code_system=code.system if code else None,
        code=code.code if code else None,
    )


def _show(page: NotePage, name: str) -> None:
    _remember(page)
    rows = [_row(note) for note in page.notes]
    titles = ("Note", "Specialty", "Type", "Written", "Source", "Characters")
    st.html(wrap(table(without_blank_columns(Table("Notes", titles, rows, frozenset({5}), is_list=True)))))
    show_pager(name, page.next_cursor)


def _row(note: NoteSummary) -> tuple[str, ...]:
    return (
        link_note(note.note_id),
        note.specialty,
        note.note_type or MISSING,
        show_day(note.authored_at),
        note.source or MISSING,
        MISSING if note.characters is None else f"{note.characters:,}",
    )


def _ask_known(place: DeltaGenerator, label: str, field: str) -> str | None:
    # What stood in no list of this visit can be typed: the API counts none of these.
    known: set[str] = st.session_state.get(_KNOWN.format(field), set())
    picked: str | None = place.selectbox(
        label, sorted(known), None, placeholder="Any", key=f"listed_{field}", accept_new_options=True
    )
    return picked[:_LONGEST] if picked else None


def _learn(client: Client) -> None:
    if _KNOWN.format("source") not in st.session_state:
        _remember(client.list_notes(NotesAsked(limit=MOST_NOTES_LISTED)))


def _remember(page: NotePage) -> None:
    for field in ("note_type", "source"):
        known: set[str] = st.session_state.setdefault(_KNOWN.format(field), set())
        known.update(value for note in page.notes if (value := getattr(note, field)))
