"""Notes found by the words of their texts, each with the places that say them."""

from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.entities import EntityType
from hctap_core.note_searches import NoteFound, NoteSearch, NotesFound
from hctap_dashboard.filters import ask_for, ask_for_words
from hctap_dashboard.markup import escape, notice, paragraph, warn, wrap
from hctap_dashboard.paging import current_cursor, show_pager
from hctap_dashboard.views.note_list import link_note
from hctap_dashboard.wording import count_of, show_day

_FOUND, _WORDS = "notes_by_text", "notes_text_words"
_PAGE: Final = 25
_HELP: Final = (
    'All the words in any inflection; "quoted words" stand beside each other, `or` gives a choice, a `-` before a word '
    "shuts it out. Whatever you type stands in no address."
)


def show_text_search(client: Client, specialties: list[str]) -> None:
    """The notes whose texts say the words that were typed."""
    first, second, third = st.columns([2, 1, 1])
    with first:
        words = ask_for_words(_WORDS)
    with second:
        specialty = ask_for("Specialty", "specialty", specialties)
    with third:
        kind = ask_for("With an entity of type", "type", [kind.value for kind in EntityType])
    if not words:
        st.html(wrap(paragraph(_HELP)))
        return
    search = NoteSearch(words=words, specialty=specialty, entity_type=EntityType(kind) if kind else None, limit=_PAGE)
    with st.spinner("Reading for the words…"):
        page = client.search_notes(search.model_copy(update={"cursor": current_cursor(_FOUND, search)}))
    _show(page)


def _show(page: NotesFound) -> None:
    if page.waiting:
        st.html(wrap(warn(f"{count_of(page.waiting, 'text')} came so lately that they are not searched yet.")))
    if not page.notes:
        st.html(wrap(notice("Nothing fits", "No note says these words.", "Take a word or a filter away.")))
        return
    st.html(wrap(f'<ul class="hc-hits">{"".join(_hit(note) for note in page.notes)}</ul>'))
    show_pager(_FOUND, page.next_cursor)


def _hit(note: NoteFound) -> str:
    facts = (note.specialty, note.note_type, note.authored_at and show_day(note.authored_at))
    line = " · ".join(fact for fact in facts if fact)
    parts = (f"<mark>{escape(part.text)}</mark>" if part.found else escape(part.text) for part in note.excerpt)
    return (
        f'<li>{link_note(note.note_id)} <span class="hc-soft">{escape(line)}</span>'
        f'<p class="hc-excerpt">{"".join(parts)}</p></li>'
    )
