"""Two runs side by side, against the real API."""

import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN
from tests.dashboard.pages import address_of, html_of, open_page, pick, text_of

pytestmark = pytest.mark.stack


def test_by_itself_it_compares_the_last_two(api_url: str) -> None:
    page = open_page(api_url, "compare")
    assert not page.exception
    assert address_of(page) == {"first": FIRST_RUN, "second": LATEST_RUN}
    shown = text_of(page)
    assert "Added 0 only the second has them" in shown
    assert "that both have read" in shown


def test_the_pair_is_read_from_the_address_and_can_be_changed(api_url: str) -> None:
    page = open_page(api_url, "compare", first=LATEST_RUN, second=FIRST_RUN)
    assert [box.value for box in page.selectbox] == [LATEST_RUN, FIRST_RUN]
    page = pick(page, "First", FIRST_RUN)
    assert "This is one run" in text_of(page)
    assert address_of(page)["first"] == FIRST_RUN


def test_a_note_shows_both_versions(api_url: str) -> None:
    page = open_page(api_url, "compare", first=FIRST_RUN, second=LATEST_RUN, note="cardiology-1")
    assert not page.exception
    assert html_of(page).count('<article class="hc-note"') == 2
    assert "Nothing changed here." in text_of(page)
