"""What the notes say all together: entities by filters, counted by facets, with what stands beside what."""

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.entities import EntityType
from hctap_core.permissions import Permission
from hctap_core.searches import EntityHit, EntityPage, EntitySearch, Facet
from hctap_core.sections import SectionType
from hctap_dashboard.address import Place, link_to, read_address
from hctap_dashboard.downloads import offer_downloads
from hctap_dashboard.entity_table import mark_entity
from hctap_dashboard.failures import told
from hctap_dashboard.filters import ASSERTED, CODE, ask_for, ask_for_code, ask_for_part, ask_for_words, filter_by
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import Bar, Html, Table, bars, head, heading, notice, paragraph, table, wrap
from hctap_dashboard.paging import current_cursor, show_pager
from hctap_dashboard.theme import PLAIN_TINT
from hctap_dashboard.views.notes import know_specialties
from hctap_dashboard.views.panels import show_pairs, show_patient
from hctap_dashboard.visitor import Visitor
from hctap_dashboard.wording import count_about, show_name

PAGE: Final = 50
_PAGES, _WORDS, _CODE = "explore_pages", "explore_words", "explore_code"
_FACETS: Final = (Facet.NORM_TEXT, Facet.CODE, Facet.SECTION, Facet.ASSERTION)
_TITLES: Final = {
    Facet.NORM_TEXT: "Most often named",
    Facet.CODE: "Codes",
    Facet.SECTION: "Sections",
    Facet.ASSERTION: "Assertions",
}
_FILTERS: Final = {Facet.CODE: CODE, Facet.SECTION: "section", Facet.ASSERTION: "asserted"}
_CLOSED: Final = ("type", "specialty", *_FILTERS.values())
_MOST_VALUES: Final = 8
PARTS: Final = {"search": "Search", "together": "What stands together", "time": "A patient over time"}


def show_explore(visitor: Visitor) -> None:
    """Show the page: the entities, what stands together, or a patient over time."""
    st.html(wrap(head("Explore", beneath="All that the latest run found, searched, put together, and over time.")))
    part = ask_for_part(PARTS)
    with told("The search cannot be made"):
        if part == "together":
            show_pairs(visitor.client)
        elif part == "time":
            show_patient(visitor.client)
        else:
            _show_search(visitor)


def _show_search(visitor: Visitor) -> None:
    search = _ask(visitor.client)
    search = search.model_copy(update={"limit": PAGE, "count": True, "facets": _FACETS})
    with st.spinner("Searching…"):
        page = visitor.client.search(search.model_copy(update={"cursor": current_cursor(_PAGES, search)}))
    if not page.entities:
        st.html(wrap(notice("Nothing fits", "No entity of the latest run is so.", "Take a filter away.")))
        return
    _show_page(visitor, page)


def _ask(client: Client) -> EntitySearch:
    # Asked before the page is filled, so that its title is painted meanwhile.
    specialties = know_specialties(client)
    columns = st.columns([2, 1.1, 1.1, 1.4, 1.4, 1.1])
    with columns[0]:
        words = ask_for_words(_WORDS)
    with columns[1]:
        kind = ask_for("Type", "type", [kind.value for kind in EntityType])
    with columns[2]:
        asserted = ask_for("Assertion", "asserted", list(ASSERTED))
    with columns[3]:
        section = ask_for("Section", "section", [section.value for section in SectionType])
    with columns[4]:
        specialty = ask_for("Specialty", "specialty", specialties)
    with columns[5]:
        code = ask_for_code(_CODE)
    return filter_by(words=words, kind=kind, asserted=asserted, section=section, specialty=specialty, code=code)


def _show_page(visitor: Visitor, page: EntityPage) -> None:
    total, counted = page.total or 0, page.counted or 0
    number = count_about(total, "entity", is_exact=bool(page.total_is_exact))
    part = "" if counted == total else f" The bars count {counted:,} of them, taken evenly from the whole run."
    st.html(wrap(paragraph(f"{number} in run {page.run_id}.{part}")))
    facets = page.facets or {}
    kept = {name: read_address(name) for name in _CLOSED}
    for facet, column in zip(_FACETS, st.columns(len(_FACETS), gap="medium"), strict=True):
        values = facets.get(facet, ())[:_MOST_VALUES]
        items = [Bar(_value(facet, item.value, kept), item.entities, PLAIN_TINT) for item in values]
        column.html(wrap(heading(_TITLES[facet]), bars(_TITLES[facet], items)))
    st.html(wrap(heading("Entities"), table(_tabulate(page.entities))))
    show_pager(_PAGES, page.next_cursor)
    if visitor.may(Permission.ENTITIES_EXPORT):
        offer_downloads(page.entities)


def _value(facet: Facet, value: str, kept: Mapping[str, str | None]) -> str:
    """A link to what has this value too, under the filters that are set already."""
    if facet is Facet.NORM_TEXT:
        return anchor(value, link_to(Place.EXPLORE, **kept), words=value)
    label = value if facet is Facet.CODE else show_name(value)
    return anchor(label, link_to(Place.EXPLORE, **{**kept, _FILTERS[facet]: value}))


def _tabulate(hits: Sequence[EntityHit]) -> Table:
    titles = ("Text", "Type", "Code", "Meaning", "Section", "Specialty", "Note")
    return Table("Entities", titles, [_row(hit) for hit in hits], is_list=True)


def _row(hit: EntityHit) -> tuple[str, ...]:
    code = hit.codes[0] if hit.codes else None
    return (
        Html(mark_entity(hit)),
        show_name(hit.entity_type),
        f"{code.system} {code.code}" if code else "",
        code.display if code else "",
        show_name(hit.section),
        hit.specialty,
        anchor(hit.note_id, link_to(Place.NOTES, note=hit.note_id, run=hit.run_id)),
    )
