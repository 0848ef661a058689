"""A text that somebody pastes, read by one extractor or by two side by side; nothing of it is kept."""

import json
import time
from dataclasses import dataclass
from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.entities import Entity
from hctap_core.errors import PlatformError
from hctap_core.extractions import Extracted, ExtractRequest, FoundEntity
from hctap_core.highlighting import highlight
from hctap_core.permissions import Permission
from hctap_dashboard.entity_table import tabulate_entities
from hctap_dashboard.failures import refuse, told
from hctap_dashboard.legend import explain_marks
from hctap_dashboard.markup import escape, frame, frame_note, head, heading, notice, paragraph, wrap
from hctap_dashboard.visitor import Visitor
from hctap_dashboard.wording import count_of, show_milliseconds

EXTRACTORS: Final = ("hybrid", "rules", "model")
_MOST_CHARACTERS: Final = 100_000
_TEXT, _PICKED = "try_text", "try_extractors"
EXAMPLE: Final = (
    "HISTORY OF PRESENT ILLNESS: 64-year-old man with type 2 diabetes and hypertension. He denies chest pain.\n"
    "His mother had breast cancer. Possible pneumonia on the right.\n\n"
    "MEDICATIONS: metformin 1000 mg PO BID, lisinopril 10 mg daily. Aspirin was stopped.\n\n"
    "LABS: Hemoglobin 9.8 g/dL (L), HbA1c 8.1 %."
)


@dataclass(frozen=True, slots=True)
class _Reading:
    extractor: str
    entities: tuple[Entity, ...]
    found: Extracted
    duration_ms: float


def show_try_it(visitor: Visitor) -> None:
    """Show the page."""
    st.html(wrap(head("Try it", beneath="Paste a text. It is read, shown and forgotten: nothing is stored.")))
    if refuse(visitor, Permission.EXTRACT_USE):
        return
    with st.form("try", border=False):
        text = st.text_area("Text", EXAMPLE, key=_TEXT, height=190, max_chars=_MOST_CHARACTERS)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            picked = st.pills(
                "Extractors", EXTRACTORS, selection_mode="multi", default=["hybrid", "rules"], key=_PICKED
            )
            sent = st.form_submit_button("Read the text", type="primary")
    if not sent:
        return
    if not text.strip() or not picked:
        st.html(wrap(notice("There is nothing to do", "Give a text, and pick at least one extractor.")))
        return
    with told("The text cannot be read"), st.spinner("Reading the text…"):
        readings = [_read(visitor.client, text, extractor) for extractor in EXTRACTORS if extractor in picked]
        _show(visitor, text, readings)


def _read(client: Client, text: str, extractor: str) -> _Reading:
    request = ExtractRequest.model_validate({"text": text, "extractor": extractor, "explain": True})
    begun = time.perf_counter()
    found = client.extract(request)
    duration_ms = 1000 * (time.perf_counter() - begun)
    if found.failure is not None:
        raise PlatformError(f"The extractor {extractor} failed ({found.failure}).", remedy="The API's log says more.")
    return _Reading(extractor, tuple(_entity(entity) for entity in found.entities), found, duration_ms)


def _entity(found: FoundEntity) -> Entity:
    return Entity.model_validate({**found.model_dump(exclude={"reasons"}), "note_id": "-", "run_id": "-"})


def _show(visitor: Visitor, text: str, readings: list[_Reading]) -> None:
    st.html(wrap(explain_marks(readings[0].entities)))
    for reading, column in zip(readings, st.columns(len(readings), gap="large"), strict=True):
        with column:
            _show_reading(text, reading)
    st.html(wrap(heading("The same by command")))
    st.code(_command(visitor, text, readings[0].extractor), language=None, wrap_lines=True)


def _show_reading(text: str, reading: _Reading) -> None:
    line = f"{count_of(len(reading.entities), 'entity')}, answered in {show_milliseconds(reading.duration_ms)}"
    marked = highlight(text, reading.entities)
    article = frame_note(f"Read by {reading.extractor}", text, marked)
    st.html(wrap(heading(reading.extractor.capitalize()), paragraph(line), article))
    with st.expander("As a table"):
        st.html(wrap(tabulate_entities(reading.entities)))
    with st.expander("Why each stands"):
        st.html(wrap(_explain(reading.found)))


def _explain(found: Extracted) -> str:
    rows = (
        f'<tr><th scope="row">{escape(entity.text)}</th><td>{_lines(entity)}</td></tr>' for entity in found.entities
    )
    return frame(f'<table class="hc-table"><caption>Reasons</caption><tbody>{"".join(rows)}</tbody></table>')


def _lines(entity: FoundEntity) -> str:
    return "<br>".join(
        f'<span class="hc-soft">{escape(reason.about)}</span> {escape(reason.says)}' for reason in entity.reasons or ()
    )


def _command(visitor: Visitor, text: str, extractor: str) -> str:
    body = json.dumps({"text": text, "extractor": extractor, "explain": True}, ensure_ascii=False)
    key = ' \\\n  -H "Authorization: Bearer $HCTAP_KEY"' if visitor.identity.actor != "open" else ""
    return (
        f"curl -fsS {visitor.client.base_url}/v1/extract{key} \\\n"
        f"  -H 'Content-Type: application/json' --data-binary @- <<'HCTAP_BODY'\n{body}\nHCTAP_BODY"
    )
