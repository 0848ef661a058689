"""The way to find notes, against the real API."""

import pytest
from tests.clinic import LATEST_RUN
from tests.dashboard.pages import address_of, click, html_of, open_page, pick, text_of, type_into

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
