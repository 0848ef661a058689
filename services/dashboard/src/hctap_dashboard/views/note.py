"""The page of one note: its text with what was found in it, and the same as a table."""

import re
from collections.abc import Mapping

import streamlit as st

from hctap_client import Client
from hctap_core.answers import NoteDocument
from hctap_core.errors import BadInput, NoteNotFound, PlatformError, RunNotFound
from hctap_core.highlighting import highlight
from hctap_dashboard.entity_table import tabulate_entities
from hctap_dashboard.legend import explain_marks
from hctap_dashboard.markup import escape, head, heading, notice, notice_of, paragraph, wrap
from hctap_dashboard.picking import Listing, Step, list_notes
from hctap_dashboard.wording import count_of, show_moment

NOTE, AFTER, RUN = "note", "after", "run"
PICKED = "picked_note"
# Columns that were set with blanks or bars only stand under each other in a type of one width.
_ALIGNED = re.compile(r"\S(?: {3,}|\t+)\S|^\s*\|.*\|\s*$", re.MULTILINE)


def show_note(client: Client) -> None:
    """Show the note that the address names, or the first one, or say why none can be shown."""
    st.html(wrap(head("Note", beneath="Pick a note, or type the id of any other.")))
    try:
        with st.spinner("Looking for notes…"):
            listing = list_notes(client, _address(NOTE), _address(AFTER))
        if listing is None:
            st.html(wrap(_nothing_imported()))
            return
        _show_picker(listing)
        with st.spinner("Reading the note…"):
            note = client.note(listing.note_id, _address(RUN))
    except (NoteNotFound, RunNotFound, BadInput) as error:
        _show_missing(error)
    except PlatformError as error:
        st.html(wrap(notice_of(error, "The note cannot be shown")))
        st.button("Try again")
    else:
        _remember(Step(note.note_id, listing.after))
        _show_document(note)


def _address(name: str) -> str | None:
    return st.query_params.get(name) or None


def _remember(step: Step) -> None:
    """Put the place into the address, which holds ids and nothing else."""
    for name, value in ((NOTE, step.note_id), (AFTER, step.after)):
        if value is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != value:
            st.query_params[name] = value


def _show_picker(listing: Listing) -> None:
    specialties = {note.note_id: note.specialty for note in listing.notes}
    st.session_state[PICKED] = listing.note_id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Note",
            listing.options,
            key=PICKED,
            format_func=lambda note_id: _label(note_id, specialties),
            accept_new_options=True,
            on_change=_pick,
            args=(listing.after,),
            label_visibility="collapsed",
            width=440,
        )
        _show_step("Previous", listing.previous)
        _show_step("Next", listing.next)


def _label(note_id: str, specialties: Mapping[str, str]) -> str:
    return f"{note_id} · {specialties[note_id]}" if note_id in specialties else note_id


def _show_step(label: str, step: Step | None) -> None:
    st.button(label, disabled=step is None, on_click=_remember, args=(step,))


def _pick(after: str | None) -> None:
    _remember(Step(st.session_state[PICKED], after))


def _show_missing(error: PlatformError) -> None:
    title = "There is no such run" if isinstance(error, RunNotFound) else "There is no such note"
    st.html(wrap(notice(title, error.message, "Pick a note from the list above.")))
    # What was typed may be anything; it does not stay in the address.
    for name in (NOTE, RUN):
        st.query_params.pop(name, None)


def _nothing_imported() -> str:
    return notice(
        "There are no notes yet", "Nothing was imported and run so far.", "Run `make etl`, or `hctap-etl run`."
    )


def _show_document(note: NoteDocument) -> None:
    facts = (
        note.specialty,
        note.note_type,
        note.authored_at and show_moment(note.authored_at),
        note.source,
        note.run_id,
    )
    line = " · ".join([*(str(fact) for fact in facts if fact), count_of(len(note.text), "character")])
    shape = "hc-note hc-aligned" if _ALIGNED.search(note.text) else "hc-note"
    marked = highlight(note.text, note.entities)
    article = f'<article class="{shape}" aria-label="{escape(note.note_id)}">{marked}</article>'
    legend = explain_marks(note.entities)
    st.html(wrap(paragraph(line), _explain_absence(note), f'<div class="hc-reader">{article}{legend}</div>'))
    if note.entities:
        st.html(wrap(heading(count_of(len(note.entities), "entity")), tabulate_entities(note.entities)))


def _explain_absence(note: NoteDocument) -> str:
    if note.run_id is None:
        return notice(
            "No run has read this note",
            "It came after the latest run, is in its quarantine, or no run has finished: it is shown without entities.",
            "Run `hctap-etl run` to read it.",
        )
    return ""
