"""One note: its text with what was found in it, its outline, and what it says as a record."""

from collections.abc import Mapping

import streamlit as st

from hctap_client import Client
from hctap_core.answers import NoteDocument
from hctap_core.errors import BadInput, NoteNotFound, PlatformError, RunNotFound
from hctap_core.highlighting import highlight
from hctap_dashboard.address import Place, link_to, read_address, write_address
from hctap_dashboard.entity_table import tabulate_entities
from hctap_dashboard.legend import explain_marks
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import frame_note, head, notice, wrap
from hctap_dashboard.outline import list_sections, place_sections
from hctap_dashboard.picking import Listing, Step, list_notes
from hctap_dashboard.record import read_record
from hctap_dashboard.record_panel import show_record
from hctap_dashboard.wording import count_of, show_moment

NOTE, AFTER, RUN = "note", "after", "run"
PICKED = "picked_note"


def show_note(client: Client) -> None:
    """Show the note that the address names, or the first after its cursor, with its neighbours at hand.

    Raises:
        PlatformError: The API does not give it.
    """
    st.html(wrap(f'<p class="hc-soft hc-back">{anchor("All notes", link_to(Place.NOTES))}</p>'))
    title = st.empty()
    try:
        with st.spinner("Reading the note…"):
            listing = list_notes(client, read_address(NOTE), read_address(AFTER))
            if listing is None:
                st.html(wrap(nothing_imported()))
                return
            note = client.note(listing.note_id, read_address(RUN))
    except (NoteNotFound, RunNotFound, BadInput) as error:
        _show_missing(error)
        return
    title.html(wrap(head(note.note_id, beneath=_facts(note)), _patient(note)))
    _show_picker(listing)
    write_address(note=note.note_id, after=listing.after)
    show_document(note)


def nothing_imported() -> str:
    """What stands in the place of notes where there are none."""
    return notice(
        "There are no notes yet", "Nothing was imported and run so far.", "Run `make etl`, or `hctap-etl run`."
    )


def show_document(note: NoteDocument) -> None:
    """The note itself: outline, text and record side by side where there is room, and the table of its entities."""
    st.html(wrap(_explain_absence(note), explain_marks(note.entities)))
    outline = list_sections(note.sections)
    record = show_record(read_record(note)) if note.run_id else ""
    shape = "hc-reader" + ("" if outline else " hc-no-outline") + ("" if record else " hc-no-record")
    st.html(wrap(f'<div class="{shape}">{outline}{mark_up(note)}{record}</div>'))
    if note.entities:
        with st.expander(f"All {count_of(len(note.entities), 'entity')} as a table"):
            st.html(wrap(tabulate_entities(note.entities)))


def mark_up(note: NoteDocument) -> str:
    """The text of a note with its entities marked, in the type that suits it."""
    marked = highlight(note.text, note.entities, place_sections(note.sections))
    return frame_note(note.note_id, note.text, marked)


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


def _remember(step: Step) -> None:
    write_address(note=step.note_id, after=step.after)


def _pick(after: str | None) -> None:
    write_address(note=st.session_state[PICKED], after=after)


def _show_missing(error: PlatformError) -> None:
    title = "There is no such run" if isinstance(error, RunNotFound) else "There is no such note"
    st.html(wrap(notice(title, error.message, "Pick one from all notes.")))
    # What was typed may be anything; it does not stay in the address.
    write_address(note=None, run=None, after=None)


def _facts(note: NoteDocument) -> str:
    facts = (
        note.specialty,
        note.note_type,
        note.authored_at and show_moment(note.authored_at),
        note.source,
        note.run_id and f"run {note.run_id}",
    )
    return " · ".join([*(str(fact) for fact in facts if fact), count_of(len(note.text), "character")])


def _patient(note: NoteDocument) -> str:
    """The way to all notes of the patient, whose id is handed over and stands in no address."""
    if not note.patient_id:
        return ""
    link = anchor(f"All notes of patient {note.patient_id}", link_to(Place.EXPLORE, part="time"), words=note.patient_id)
    return f'<p class="hc-soft">{link}</p>'


def _explain_absence(note: NoteDocument) -> str:
    if note.run_id is None:
        return notice(
            "No run has read this note",
            "It came after the latest run, is in its quarantine, or no run has finished: it is shown without entities.",
            "Run `hctap-etl run` to read it.",
        )
    return ""
