"""Notes read one by one, against the real API."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from tests.clinic import EARLIER_TEXT, FIRST_RUN, LATEST_RUN, ODD_ID, TEXTS, serve, settings_of
from tests.dashboard.pages import address_of, click, html_of, open_page, text_of

from hctap_api.main import create_app
from hctap_dashboard.picking import PAGE_SIZE
from hctap_embedded.stack import Stack
from hctap_stores.database.revisions import upgrade

pytestmark = pytest.mark.stack

IDS = sorted([*TEXTS, "late-1"])


def open_note(url: str, **address: str) -> AppTest:
    return open_page(url, "notes", **address)


def test_it_shows_the_note_that_the_address_names(api_url: str) -> None:
    page = open_note(api_url, note="cardiology-1")
    assert not page.exception
    shown = html_of(page)
    assert ">chest pain</mark>" in shown
    assert ">aspirin</mark>" in shown
    assert LATEST_RUN in text_of(page)
    assert page.expander[0].label == "All 7 entities as a table"
    assert page.selectbox[0].value == "cardiology-1"


def test_with_a_cursor_in_the_address_it_shows_the_first_note_after_it_and_writes_it_there(api_url: str) -> None:
    page = open_note(api_url, after=IDS[0])
    assert page.selectbox[0].value == IDS[1]
    assert address_of(page) == {"note": IDS[1], "after": IDS[0]}


def test_beside_the_text_stand_its_outline_and_what_it_says_as_a_record(api_url: str) -> None:
    page = open_note(api_url, note="cardiology-1")
    shown = html_of(page)
    assert '<a class="hc-jump" href="#hc-section-2">Medications</a>' in shown
    assert '<span id="hc-section-2" tabindex="-1"></span>' in shown
    assert "Medications Name Amount How aspirin 81 mg" in text_of(page)
    assert "In the family breast cancer" in text_of(page)
    assert "Denied chest pain" in text_of(page)


def test_a_step_forth_and_back_leads_to_the_neighbours(api_url: str) -> None:
    page = click(open_note(api_url, note=IDS[1]), "Next")
    assert page.selectbox[0].value == IDS[2]
    assert address_of(page)["note"] == IDS[2]
    page = click(click(page, "Previous"), "Previous")
    assert page.selectbox[0].value == IDS[0]
    assert [button.disabled for button in page.button] == [True, False]


def test_picking_from_the_list_shows_the_note(api_url: str) -> None:
    page = open_note(api_url, note=IDS[0])
    page.selectbox[0].set_value("script-1").run()
    assert address_of(page)["note"] == "script-1"
    assert "&lt;script&gt;" in html_of(page)


@pytest.mark.parametrize("note_id", [ODD_ID, IDS[-1]])
def test_any_note_can_be_opened_by_its_address(api_url: str, note_id: str) -> None:
    page = open_note(api_url, note=note_id)
    assert page.selectbox[0].value == note_id
    assert not page.exception


def test_the_last_note_has_no_next(api_url: str) -> None:
    page = open_note(api_url, note=IDS[-1])
    assert [(button.label, button.disabled) for button in page.button] == [("Previous", False), ("Next", True)]


def test_a_run_in_the_address_shows_what_that_run_read(api_url: str) -> None:
    page = open_note(api_url, note="changed-1", run=FIRST_RUN)
    assert EARLIER_TEXT.split()[-1].rstrip(".") in text_of(page)
    assert FIRST_RUN in text_of(page)


def test_a_note_that_no_run_has_read_is_shown_with_a_word_about_it(api_url: str) -> None:
    shown = text_of(open_note(api_url, note="late-1"))
    assert "No run has read this note" in shown
    assert "Came after the run." in shown


@pytest.mark.parametrize("note_id", ["nobody", "denies chest pain", "<script>alert(1)</script>"])
def test_a_note_that_is_not_there_is_said_and_not_kept_in_the_address(api_url: str, note_id: str) -> None:
    page = open_note(api_url, note=note_id)
    assert not page.exception
    assert "There is no such note" in text_of(page)
    assert "<script" not in html_of(page)
    assert "note" not in address_of(page)


def test_a_run_that_is_not_there_is_said(api_url: str) -> None:
    page = open_note(api_url, note="cardiology-1", run="nothing")
    assert "There is no such run" in text_of(page)
    assert "run" not in address_of(page)


def test_a_note_cannot_write_the_page(api_url: str) -> None:
    shown = html_of(open_note(api_url, note="script-1"))
    assert "<script" not in shown
    assert "<img" not in shown


def test_columns_that_were_set_with_blanks_keep_their_places(api_url: str) -> None:
    assert "hc-aligned" in html_of(open_note(api_url, note="table-1"))
    assert "hc-aligned" not in html_of(open_note(api_url, note="cardiology-1"))


def test_without_notes_it_says_what_to_do(stack: Stack, new_database: Callable[[], str]) -> None:
    url = new_database()
    upgrade(url)
    with serve(create_app(settings_of(stack, url))) as address:
        page = open_note(address)
    assert not page.exception
    assert "There are no notes yet" in text_of(page)
    assert "make etl" in text_of(page)


def test_without_an_api_it_says_so() -> None:
    page = open_note("http://127.0.0.1:9", note="cardiology-1")
    assert not page.exception
    assert "The notes cannot be shown" in text_of(page)
    assert "make up" in text_of(page)
    # The place is kept, so that trying again leads to the same note.
    assert address_of(page) == {"note": "cardiology-1"}


def test_a_page_of_the_picker_is_what_the_api_allows() -> None:
    assert PAGE_SIZE <= 200
