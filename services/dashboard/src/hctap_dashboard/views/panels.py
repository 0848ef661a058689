"""What stands together in notes, and what stands in one patient's notes over time."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from hctap_client import Client
from hctap_core.entities import EntityType
from hctap_core.statistics import Cooccurrence, Timeline, TimelineEntity, TimelineNote, TimelineRequest
from hctap_dashboard.address import Place, link_to
from hctap_dashboard.charts import show_grid, show_timeline
from hctap_dashboard.links import anchor, take_words
from hctap_dashboard.markup import MISSING, Html, Table, heading, notice, paragraph, table, wrap
from hctap_dashboard.theme import TINTS
from hctap_dashboard.wording import count_of, show_moment, show_name

GRID: Final = 14
_MOST_LINES: Final = 30
# What stands at one time alone is no course of things.
_FEWEST_TIMES: Final = 2
_PATIENT: Final = "timeline_patient"
_SHOWN: Final = (EntityType.PROBLEM, EntityType.MEDICATION, EntityType.PROCEDURE)


def show_pairs(client: Client) -> None:
    """The heat map of problems against medications, and the pairs that are the most out of proportion."""
    with st.spinner("Counting what stands together…"):
        found = client.pairs(client.latest_run().run_id)
    if not found.pairs:
        st.html(wrap(notice("Nothing stands together", "No note affirms both a problem and a medication.")))
        return
    words = f"Notes that affirm both, of {count_of(found.notes, 'note')} in run {found.run_id}."
    order = "The commonest stand first, as many as the screen has room for."
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        st.html(wrap(heading("Problems and medications in the same note"), paragraph(f"{words} {order}")))
        show_grid("Problems and medications", list_cells(found), ("medication", "problem"), unit="Notes")
    rows = [
        (pair.problem, pair.medication, f"{pair.notes:,}", f"{pair.lift:.1f}")
        for pair in sorted(found.pairs, key=lambda pair: (-pair.lift, -pair.notes, pair.problem, pair.medication))[
            :GRID
        ]
    ]
    meaning = "How many times more often than if they had nothing to do with each other."
    titles = ("Problem", "Medication", "Notes", "Times")
    right.html(
        wrap(heading("Out of proportion"), paragraph(meaning), table(Table("Pairs", titles, rows, frozenset({2, 3}))))
    )


def list_cells(found: Cooccurrence) -> list[dict[str, str | int]]:
    """The commonest of both kinds as cells of a grid, those that never meet with 0."""
    counts = {(pair.problem, pair.medication): pair.notes for pair in found.pairs}
    return [
        {"problem": problem, "medication": medication, "count": counts.get((problem, medication), 0)}
        for problem in _commonest(found.problems)
        for medication in _commonest(found.medications)
    ]


def _commonest(counts: Mapping[str, int]) -> list[str]:
    return sorted(counts, key=lambda name: (-counts[name], name))[:GRID]


def show_patient(client: Client) -> None:
    """A patient's notes by time; the id that is typed stands in no address."""
    handed = take_words()
    if handed:
        st.session_state[_PATIENT] = handed
    patient = st.text_input("Patient id", key=_PATIENT, max_chars=200, width=440).strip()
    if not patient:
        st.html(wrap(paragraph("Type the id of a patient, or come here from one of their notes.")))
        return
    with st.spinner("Reading the patient's notes…"):
        found = client.timeline(TimelineRequest(patient_id=patient, entity_types=_SHOWN))
    if not found.notes:
        st.html(wrap(notice("No note is of this patient", "The latest run has read none with this id.")))
        return
    _show_timeline(found)


def _show_timeline(found: Timeline) -> None:
    more = "" if found.is_whole else "; there are more"
    st.html(wrap(paragraph(f"{count_of(len(found.notes), 'note')} in run {found.run_id}{more}.")))
    points = list_points(found.notes)
    if len({point["at"] for point in points}) >= _FEWEST_TIMES:
        show_timeline("The patient over time", points, {show_name(kind): TINTS[kind] for kind in _SHOWN})
    rows = [_row(note, found.run_id) for note in found.notes]
    titles = ("Date", "Note", "Specialty", "Problems", "Medications", "Procedures")
    st.html(wrap(table(Table("Notes by time", titles, rows, is_list=True))))


def list_points(notes: Sequence[TimelineNote]) -> list[dict[str, Any]]:
    """What dated notes affirm, a point for each note; of what stands there most often."""
    dated = [(note, entity) for note in notes if note.authored_at for entity in note.entities if _is_affirmed(entity)]
    counts: dict[str, int] = {}
    for _, entity in dated:
        counts[entity.norm_text] = counts.get(entity.norm_text, 0) + 1
    wanted = sorted(counts, key=lambda name: (-counts[name], name))[:_MOST_LINES]
    return [
        {
            "at": note.authored_at.isoformat() if note.authored_at else "",
            "what": entity.norm_text,
            "type": show_name(entity.entity_type),
            "note": note.note_id,
        }
        for note, entity in sorted(
            dated, key=lambda item: wanted.index(item[1].norm_text) if item[1].norm_text in wanted else 0
        )
        if entity.norm_text in wanted
    ]


def _is_affirmed(entity: TimelineEntity) -> bool:
    said = entity.assertion
    return not (said.negated or said.uncertain or said.hypothetical or said.family)


def _row(note: TimelineNote, run_id: str) -> tuple[str, ...]:
    affirmed = [entity for entity in note.entities if _is_affirmed(entity)]
    names = {kind: [one.norm_text for one in affirmed if one.entity_type is kind] for kind in _SHOWN}
    return (
        Html(f'<span class="hc-day">{show_moment(note.authored_at)}</span>'),
        anchor(note.note_id, link_to(Place.NOTES, note=note.note_id, run=run_id)),
        note.specialty,
        *(", ".join(dict.fromkeys(names[kind])) or MISSING for kind in _SHOWN),
    )
