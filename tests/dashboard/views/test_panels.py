"""What stands together, and over time."""

from typing import Any

from hctap_core.statistics import Cooccurrence, Pair, TimelineNote
from hctap_dashboard.views.panels import list_cells, list_points


def said(kind: str, norm_text: str, **assertion: bool) -> dict[str, Any]:
    return {"entity_type": kind, "norm_text": norm_text, "assertion": assertion, "mentions": 1, "begin": 0}


def test_those_that_never_meet_have_an_empty_cell() -> None:
    found = Cooccurrence(
        run_id="r",
        notes=3,
        problems={"gout": 2, "asthma": 1},
        medications={"aspirin": 2},
        pairs=(Pair(problem="gout", medication="aspirin", notes=2, lift=1.5),),
    )
    assert list_cells(found) == [
        {"problem": "gout", "medication": "aspirin", "count": 2},
        {"problem": "asthma", "medication": "aspirin", "count": 0},
    ]


def test_only_what_dated_notes_affirm_is_a_point() -> None:
    entities = [
        said("PROBLEM", "gout"),
        said("PROBLEM", "fever", negated=True),
        said("PROBLEM", "stroke", family=True),
        said("MEDICATION", "aspirin"),
    ]
    note = {"specialty": "x", "entities": entities}
    notes = [
        TimelineNote.model_validate({**note, "note_id": "n1", "authored_at": "2025-01-02T00:00:00Z"}),
        TimelineNote.model_validate({**note, "note_id": "n2"}),
    ]
    points = list_points(notes)
    assert [(point["what"], point["type"], point["note"]) for point in points] == [
        ("aspirin", "Medication", "n1"),
        ("gout", "Problem", "n1"),
    ]
