"""The routes of the notes, on the real database."""

from urllib.parse import quote

import httpx
import pytest
from tests.clinic import (
    CARDIOLOGY_TEXT,
    EARLIER_TEXT,
    FIRST_RUN,
    LATEST_RUN,
    ODD_ID,
    SCRIPT_TEXT,
    TEXTS,
    find_entities,
)

from hctap_core.answers import NoteDocument, NotePage

pytestmark = pytest.mark.stack


def get_note(api_url: str, note_id: str, **parameters: str) -> NoteDocument:
    response = httpx.get(f"{api_url}/v1/notes/{quote(note_id, safe='')}", params=parameters)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return NoteDocument.model_validate_json(response.content)


def test_a_note_comes_with_its_text_entities_and_sections(api_url: str) -> None:
    note = get_note(api_url, "cardiology-1")
    assert (note.text, note.specialty, note.source) == (CARDIOLOGY_TEXT, "Cardiology", "clinic")
    assert note.run_id == LATEST_RUN
    assert [entity.text for entity in note.entities] == [found["text"] for found in find_entities(CARDIOLOGY_TEXT)]
    assert all(note.text[entity.begin : entity.end] == entity.text for entity in note.entities)
    assert [section.header for section in note.sections] == ["HISTORY OF PRESENT ILLNESS:", "MEDICATIONS:"]
    assert [section.loinc for section in note.sections] == ["10164-2", "10160-0"]


def test_an_entity_comes_with_assertion_code_attribute_and_cue(api_url: str) -> None:
    entities = {entity.text: entity for entity in get_note(api_url, "cardiology-1").entities}
    assert entities["chest pain"].assertion.negated
    assert entities["chest pain"].codes[0].code == "R07.9"
    assert entities["chest pain"].provenance.cues[0].rule == "negated.section"
    assert entities["aspirin"].attributes[0].norm == "81 mg"
    assert not entities["aspirin"].assertion.negated


def test_a_duplicate_has_the_entities_of_the_note_that_was_read_for_it_under_its_own_id(api_url: str) -> None:
    first, second = (get_note(api_url, note_id).entities for note_id in ("cardiology-1", "cardiology-2"))
    assert {entity.note_id for entity in second} == {"cardiology-2"}
    assert [entity.text for entity in second] == [entity.text for entity in first]


def test_an_earlier_run_shows_the_text_that_it_read(api_url: str) -> None:
    note = get_note(api_url, "changed-1", run_id=FIRST_RUN)
    assert (note.text, note.run_id) == (EARLIER_TEXT, FIRST_RUN)
    assert [entity.text for entity in note.entities] == ["gout"]
    assert get_note(api_url, "changed-1").text == TEXTS["changed-1"]


def test_a_note_that_came_after_the_run_is_shown_without_entities(api_url: str) -> None:
    note = get_note(api_url, "late-1")
    assert (note.run_id, note.entities) == (None, ())


@pytest.mark.parametrize("note_id", [ODD_ID, "script-1"])
def test_any_valid_id_finds_its_note(api_url: str, note_id: str) -> None:
    assert get_note(api_url, note_id).text == TEXTS[note_id]


def test_markup_in_a_note_is_data(api_url: str) -> None:
    response = httpx.get(f"{api_url}/v1/notes/script-1")
    assert response.json()["text"] == SCRIPT_TEXT
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/v1/notes/nobody", 404, "note-not-found"),
        ("/v1/notes/broken", 404, "note-not-found"),
        ("/v1/notes/cardiology-1?run_id=none", 404, "run-not-found"),
        ("/v1/notes/cardiology-1?run_id=a%20b", 422, "invalid-request"),
        ("/v1/notes/a%00b", 422, "invalid-request"),
        ("/v1/notes/%C2%85", 422, "invalid-request"),
        (f"/v1/notes/{'x' * 201}", 422, "invalid-request"),
        ("/v1/notes/a%2Fb", 404, "not-found"),
        ("/v1/notes?limit=0", 422, "invalid-request"),
        ("/v1/notes?limit=201", 422, "invalid-request"),
        ("/v1/notes?limit=many", 422, "invalid-request"),
        ("/v1/notes?cursor=%00", 422, "invalid-request"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(api_url: str, path: str, status: int, kind: str) -> None:
    response = httpx.get(api_url + path)
    assert response.status_code == status, response.text
    assert response.json()["type"] == f"urn:hctap:problem:{kind}"


def test_the_pages_show_every_note_once_in_the_order_of_the_ids(api_url: str) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        parameters: dict[str, str | int] = {"limit": 50} if cursor is None else {"limit": 50, "cursor": cursor}
        page = NotePage.model_validate_json(httpx.get(f"{api_url}/v1/notes", params=parameters).content)
        assert len(page.notes) <= 50
        seen += [note.note_id for note in page.notes]
        if page.next_cursor is None:
            break
        assert page.next_cursor == seen[-1]
        cursor = page.next_cursor
    assert seen == sorted([*TEXTS, "late-1"])


def test_a_cursor_beyond_the_last_note_gives_an_empty_page(api_url: str) -> None:
    assert httpx.get(f"{api_url}/v1/notes", params={"cursor": "zzz"}).json() == {
        "notes": [],
        "run_id": None,
        "next_cursor": None,
    }
