"""Two runs side by side, against the real API."""

import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN
from tests.dashboard.pages import address_of, click, html_of, open_page, pick, text_of

from hctap_client import Client
from hctap_core.runs import Run
from hctap_dashboard.views.compare import say_comparing

pytestmark = pytest.mark.stack


@pytest.fixture
def clinic_run(api_url: str) -> Run:
    """The clinic's latest run."""
    with Client(api_url) as client:
        return client.run(LATEST_RUN)


def test_by_itself_it_compares_the_last_two(api_url: str) -> None:
    page = open_page(api_url, "compare")
    assert not page.exception
    assert address_of(page) == {"first": FIRST_RUN, "second": LATEST_RUN}
    shown = text_of(page)
    assert "Added 0 only the second has them" in shown
    assert "No note has changed." in shown
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


def test_it_says_how_much_is_compared_and_that_much_takes_long(clinic_run: Run) -> None:
    many = clinic_run.model_copy(update={"counts": clinic_run.counts.model_copy(update={"distinct": 60_000})})
    assert say_comparing(many, clinic_run) == say_comparing(clinic_run, many)
    assert f"up to {clinic_run.counts.distinct} texts…" in say_comparing(many, clinic_run)
    assert "minute" not in say_comparing(many, clinic_run)
    assert "up to 60,000 texts… The first time, that can take a minute." in say_comparing(many, many)


def test_an_api_that_is_away_can_be_asked_again(api_url: str) -> None:
    with Client(api_url) as client:
        away = Client("http://127.0.0.1:9", 1)
        page = open_page(away, "compare")
        assert "The runs cannot be compared" in text_of(page)
        away.http = client.http
        page = click(page, "Try again")
    assert "that both have read" in text_of(page)
