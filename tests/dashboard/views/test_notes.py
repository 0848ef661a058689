"""The way to find notes, against the real API."""

from datetime import UTC, date, datetime

import pytest
from tests.clinic import LATEST_RUN
from tests.dashboard.pages import address_of, click, html_of, open_page, pick, text_of, type_into

from hctap_dashboard.views.note_list import ask_notes

pytestmark = pytest.mark.stack


def test_without_filters_it_lists_the_notes_page_by_page(api_url: str) -> None:
    page = open_page(api_url, "notes")
    assert not page.exception
    assert '<a class="hc-link" href="/app/notes?note=cardiology-1">cardiology-1</a>' in html_of(page)
    assert "ward-130" not in text_of(page)
    page = click(click(page, "Next page"), "Next page")
    assert "ward-130" in text_of(page)
    assert "Page 3" in page.caption[0].value
    assert "cardiology-1" in text_of(click(click(page, "Previous page"), "Previous page"))


def test_words_find_notes_and_never_stand_in_the_address(api_url: str) -> None:
    page = type_into(open_page(api_url, "notes"), "Words", "pneumonia")
    assert "Cardiology 1 pneumonia" in text_of(page)
    assert "and 1 with the same text" in text_of(page)
    assert f"1 mention in run {LATEST_RUN}." in text_of(page)
    assert address_of(page) == {}


def test_closed_filters_stand_in_the_address_and_are_read_from_it(api_url: str) -> None:
    page = pick(open_page(api_url, "notes"), "Assertion", "family")
    assert address_of(page) == {"asserted": "family"}
    assert "breast cancer" in text_of(page)
    again = open_page(api_url, "notes", asserted="family", type="ANATOMY")
    assert "1 mention" in text_of(again)
    assert [box.value for box in again.selectbox] == ["ANATOMY", "family", None]


def test_a_code_finds_notes_and_what_is_no_code_finds_no_fewer(api_url: str) -> None:
    page = type_into(open_page(api_url, "notes"), "Code", "R07*")
    assert "chest pain" in text_of(page)
    assert "1 mention" in text_of(page)
    assert "Specialty" in text_of(type_into(page, "Code", "no code at all!"))


def test_what_nobody_has_is_said(api_url: str) -> None:
    page = type_into(open_page(api_url, "notes"), "Words", "zebra")
    assert "Nothing fits" in text_of(page)


def test_a_filter_that_is_none_is_taken_out_of_the_address(api_url: str) -> None:
    page = open_page(api_url, "notes", type="<script>", specialty="Nowhere")
    assert not page.exception
    assert address_of(page) == {}
    assert "<script" not in html_of(page)


def test_notes_are_found_by_their_text_and_the_words_never_stand_in_the_address(api_url: str) -> None:
    page = open_page(api_url, "notes", part="text")
    assert "in any inflection" in text_of(page)
    page = type_into(page, "Words", "denies -gout")
    assert "cardiology-1 Cardiology HISTORY OF PRESENT ILLNESS" in text_of(page)
    assert "<mark>denies</mark> chest pain" in html_of(page)
    assert address_of(page) == {"part": "text"}
    assert "Nothing fits" in text_of(pick(page, "Specialty", "Script"))


def test_a_text_is_no_markup_where_it_is_found(api_url: str) -> None:
    page = type_into(open_page(api_url, "notes", part="text"), "Words", "dry cough")
    assert "script-1" in text_of(page)
    assert "<script" not in html_of(page)
    assert "<img" not in html_of(page)


def test_texts_are_found_page_by_page(api_url: str) -> None:
    page = type_into(open_page(api_url, "notes", part="text"), "Words", "day")
    assert "ward-026" not in text_of(page)
    assert "ward-026" in text_of(click(page, "Next page"))


def test_notes_are_listed_by_what_they_are(api_url: str) -> None:
    page = open_page(api_url, "notes", part="kind")
    assert not page.exception
    assert "cardiology-1 Cardiology clinic" in text_of(page)
    page = pick(page, "Specialty", "Cardiology")
    assert address_of(page) == {"part": "kind", "specialty": "Cardiology"}
    assert "cardiology-2" in text_of(page)
    assert "script-1" not in text_of(page)
    assert "cardiology-1" in text_of(pick(page, "Source", "clinic"))
    assert "Nothing fits" in text_of(pick(page, "With an entity of type", "TEST"))


def test_notes_are_listed_by_code_and_by_kind_of_entity(api_url: str) -> None:
    page = open_page(api_url, "notes", part="kind", type="ANATOMY")
    assert "cardiology-1" in text_of(page)
    assert "ward-001" not in text_of(page)
    page = type_into(pick(page, "With an entity of type", None), "With the code", "R07.9")
    assert "cardiology-2" in text_of(page)
    assert "script-1" not in text_of(page)
    assert "takes a whole code" in text_of(type_into(page, "With the code", "R07*"))


def test_days_are_asked_for_from_midnight_to_midnight() -> None:
    asked = ask_notes("Ward", None, None, "TEST", (date(2026, 1, 2), date(2026, 1, 3)), None)
    assert asked.authored_from == datetime(2026, 1, 2, tzinfo=UTC)
    assert asked.authored_to == datetime(2026, 1, 3, tzinfo=UTC)
    assert (asked.specialty, asked.entity_type, asked.code) == ("Ward", "TEST", None)
