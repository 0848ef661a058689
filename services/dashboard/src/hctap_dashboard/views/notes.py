"""The notes: found by what stands in them, listed otherwise, and read one by one."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.entities import EntityType
from hctap_core.errors import RunNotFound
from hctap_core.searches import EntityHit, EntitySearch
from hctap_dashboard.address import read_address, write_address
from hctap_dashboard.entity_table import mark_entity
from hctap_dashboard.failures import told
from hctap_dashboard.filters import ASSERTED, ask_for, ask_for_code, ask_for_part, ask_for_words, filter_by
from hctap_dashboard.markup import Html, Table, head, notice, paragraph, table, wrap
from hctap_dashboard.paging import current_cursor, show_pager
from hctap_dashboard.views.note_list import link_note, show_all, show_listed
from hctap_dashboard.views.note_search import show_text_search
from hctap_dashboard.views.reader import AFTER, NOTE, show_note
from hctap_dashboard.visitor import Visitor
from hctap_dashboard.wording import count_about

_HITS, _WORDS, _CODE = "notes_hits", "notes_words", "notes_code"
_WAYS: Final = {"content": "By what was found in them", "text": "By their text", "kind": "By what they are"}
_PAGE: Final = 50
_MOST_MARKS: Final = 8
SPECIALTIES: Final = "known_specialties"


def show_notes(visitor: Visitor) -> None:
    """Show the note that the address names, or the way to find one."""
    with told("The notes cannot be shown"):
        if read_address(NOTE) or read_address(AFTER):
            show_note(visitor.client)
        else:
            write_address(note=None, run=None)
            _find(visitor.client)


def _find(client: Client) -> None:
    st.html(wrap(head("Notes", beneath="Find notes by what was found in them, by their text, or by what they are.")))
    # Asked before the page is filled, so that its title is painted meanwhile.
    specialties = know_specialties(client)
    way = ask_for_part(_WAYS)
    if way == "kind":
        show_listed(client, specialties)
        return
    if way == "text":
        show_text_search(client, specialties)
        return
    search = _ask(specialties)
    if search == EntitySearch():
        show_all(client)
    else:
        _show_hits(client, search)


def _ask(specialties: list[str]) -> EntitySearch:
    first, second, third, fourth, fifth = st.columns([2, 1.2, 1.2, 1.4, 1.2])
    with first:
        words = ask_for_words(_WORDS)
    with second:
        kind = ask_for("Type", "type", [kind.value for kind in EntityType])
    with third:
        asserted = ask_for("Assertion", "asserted", list(ASSERTED))
    with fourth:
        specialty = ask_for("Specialty", "specialty", specialties)
    with fifth:
        code = ask_for_code(_CODE)
    return filter_by(words=words, kind=kind, asserted=asserted, specialty=specialty, code=code)


def know_specialties(client: Client) -> list[str]:
    """The specialties of the latest run, asked once a visit."""
    if SPECIALTIES not in st.session_state:
        st.session_state[SPECIALTIES] = _ask_specialties(client)
    known: list[str] = st.session_state[SPECIALTIES]
    return known


def _ask_specialties(client: Client) -> list[str]:
    try:
        counted = client.statistics(client.latest_run().run_id).specialties
    except RunNotFound:
        # Without a run there are none to choose from; the notes themselves can be listed all the same.
        return []
    return sorted(one.specialty for one in counted)


def _show_hits(client: Client, search: EntitySearch) -> None:
    search = search.model_copy(update={"limit": 4 * _PAGE, "count": True})
    with st.spinner("Looking for notes…"):
        page = client.search(search.model_copy(update={"cursor": current_cursor(_HITS, search)}))
    if not page.entities:
        st.html(wrap(notice("Nothing fits", "No note of the latest run has such an entity.", "Take a filter away.")))
        return
    number = count_about(page.total or 0, "mention", is_exact=bool(page.total_is_exact))
    st.html(wrap(paragraph(f"{number} in run {page.run_id}.")))
    rows = [_row(hits, page.run_id) for hits in _by_note(page.entities)]
    titles = ("Note", "Specialty", "Mentions", "What stands there")
    st.html(wrap(table(Table("Notes found", titles, rows, frozenset({2}), is_list=True))))
    show_pager(_HITS, page.next_cursor)


def _by_note(hits: Sequence[EntityHit]) -> list[list[EntityHit]]:
    groups: dict[str, list[EntityHit]] = {}
    for hit in hits:
        groups.setdefault(hit.note_id, []).append(hit)
    return list(groups.values())


def _row(hits: Sequence[EntityHit], run_id: str) -> tuple[str, ...]:
    first = hits[0]
    marks = " ".join(dict.fromkeys(mark_entity(hit) for hit in hits[:_MOST_MARKS]))
    rest = f' <span class="hc-soft">and {len(hits) - _MOST_MARKS} more</span>' if len(hits) > _MOST_MARKS else ""
    also = f'<br><span class="hc-soft">and {len(first.also_in)} with the same text</span>' if first.also_in else ""
    return Html(f"{link_note(first.note_id, run_id)}{also}"), first.specialty, str(len(hits)), Html(f"{marks}{rest}")
