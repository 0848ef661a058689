"""The runs, against the real API."""

import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN, RUNNING_RUN
from tests.dashboard.pages import address_of, click, html_of, open_drawer, open_page, pick, text_of

from hctap_client import Client
from hctap_core.orders import RunOrder
from hctap_core.runs import Selection
from hctap_dashboard.scheduling import SCHEDULES_DRAWER, say_when, say_which
from hctap_dashboard.views.runs import MANIFEST_DRAWER

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
    shown = text_of(open_page(api_url, "runs", run="nothing"))
    assert "All runs There is no such run" in shown
    assert "The page Runs lists those that there are." in shown


def test_a_run_that_still_works_says_since_when(api_url: str) -> None:
    shown = text_of(open_page(api_url, "runs", run=RUNNING_RUN))
    assert "begun" in shown
    assert "Its quality" not in shown
    assert "Quarantine No note so far." in shown


def test_a_run_shows_what_went_into_it_and_what_it_left(api_url: str) -> None:
    page = open_page(api_url, "runs", run=LATEST_RUN)
    shown = text_of(page)
    assert "By rules 1 pipeline" in shown
    assert "Compared with samples-dev , samples-test gold sets" in shown
    page = open_drawer(page, MANIFEST_DRAWER)
    assert f"entities/run={LATEST_RUN}/" in text_of(page)
    assert len(page.get("download_button")) == 1
    assert "Where it came from" not in text_of(open_page(api_url, "runs", run=RUNNING_RUN))


def test_a_schedule_is_kept_shown_and_taken_away(api_url: str) -> None:
    with Client(api_url) as client:
        page = open_drawer(open_page(client, "runs"), SCHEDULES_DRAWER)
        assert "No run is scheduled." in text_of(page)
        page = click(page, "Keep the schedule")
        assert "The schedule was not kept A name has letters" in text_of(page)
        page.text_input(key="schedule_name").set_value("nightly")
        page.text_input(key="schedule_cron").set_value("61 * * * *")
        page = click(page, "Keep the schedule")
        assert "The times are not a cron expression." in text_of(page)
        page.text_input(key="schedule_cron").set_value("")
        page = click(page, "Keep the schedule")
        assert not page.exception
        assert "nightly Every night at 02:00 hybrid new and changed notes" in text_of(page)
        (kept,) = client.schedules().schedules
        assert (kept.name, kept.cron) == ("nightly", "0 2 * * *")
        page = click(page, "Take the schedule away")
        assert client.schedules().schedules == ()


def test_what_a_schedule_does_is_said_in_words() -> None:
    assert say_when("0 2 * * 1") == "Every Monday at 02:00"
    assert say_when("5 4 * * *") == "5 4 * * *"
    order = RunOrder(selection=Selection(specialties=("Ward", "Cardiology"), limit=1500))
    assert say_which(order) == "all notes; Ward, Cardiology; at most 1,500"
