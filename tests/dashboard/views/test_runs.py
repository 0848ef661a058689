"""The runs, against the real API."""

import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN, RUNNING_RUN
from tests.dashboard.pages import address_of, html_of, open_page, pick, text_of

pytestmark = pytest.mark.stack


def test_all_are_listed_the_newest_first(api_url: str) -> None:
    shown = text_of(open_page(api_url, "runs"))
    places = [shown.index(run_id) for run_id in (RUNNING_RUN, LATEST_RUN, FIRST_RUN)]
    assert places == sorted(places)
    assert f"{LATEST_RUN} partial rules 1" in shown


def test_one_shows_its_figures_what_made_it_and_its_ledger(api_url: str) -> None:
    page = open_page(api_url, "runs", run=LATEST_RUN)
    assert not page.exception
    shown = text_of(page)
    assert "Duplicates 1" in shown
    assert "Vocabulary abababababab" in shown
    assert "Model none" in shown
    assert "Not JSON The object is not a JSON object" in shown
    assert "cardiology-1 done" in shown
    assert "cardiology-2 duplicate" in shown


def test_the_ledger_is_shown_by_state(api_url: str) -> None:
    page = pick(open_page(api_url, "runs", run=LATEST_RUN), "State", "quarantined")
    assert address_of(page) == {"run": LATEST_RUN, "state": "quarantined"}
    assert "notes/broken.json quarantined Not JSON." in text_of(page)
    assert "cardiology-1 done" not in text_of(page)
    assert "notes/broken.json</a>" not in html_of(page)
    assert "No note of the run is in this state." in text_of(pick(page, "State", "unchanged"))


def test_a_run_that_is_not_there_is_said(api_url: str) -> None:
    assert "There is no such run" in text_of(open_page(api_url, "runs", run="nothing"))


def test_a_run_that_still_works_says_since_when(api_url: str) -> None:
    shown = text_of(open_page(api_url, "runs", run=RUNNING_RUN))
    assert "begun" in shown
    assert "Its quality" not in shown
