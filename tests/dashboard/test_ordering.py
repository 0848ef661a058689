"""Runs on order."""

from collections.abc import Callable, Iterator

import pytest
from tests.clinic import serve, settings_of
from tests.dashboard.pages import address_of, click, open_drawer, open_page, text_of

from hctap_api.main import create_app
from hctap_client import Client
from hctap_core.orders import RunProgress
from hctap_dashboard.ordering import START_DRAWER, show_progress
from hctap_embedded.stack import Stack
from hctap_stores.database.revisions import upgrade


@pytest.fixture(scope="module")
def empty(stack: Stack, new_database: Callable[[], str]) -> Iterator[Client]:
    """A client of an API over a database of its own, in which nothing has happened."""
    url = new_database()
    upgrade(url)
    with serve(create_app(settings_of(stack, url))) as address, Client(address) as client:
        yield client


@pytest.mark.stack
def test_a_run_is_started_followed_and_cancelled(empty: Client) -> None:
    page = open_page(empty, "runs")
    assert "There are no runs yet" in text_of(page)
    page = click(open_drawer(page, START_DRAWER), "Start")
    assert not page.exception
    run_id = address_of(page)["run"]
    shown = text_of(page)
    assert f"{run_id} queued" in shown
    assert "The order was taken." in shown
    assert "It waits for its plan; 0 workers at hand." in shown
    page = click(page, "Cancel the run")
    assert f"{run_id} cancelled" in text_of(page)
    assert [button.label for button in page.button] == ["Go on with the run"]


def test_the_progress_says_how_far_and_how_long() -> None:
    progress = RunProgress.model_validate(
        {
            "run_id": "r", "status": "running", "notes": 200, "settled": 50, "quarantined": 0, "entities": 1234,
            "shards": 4, "shards_done": 1, "workers": 1, "seconds_left": 75.0,
        }
    )  # fmt: skip
    shown = show_progress(progress)
    assert 'aria-valuenow="25"' in shown
    assert "50 of 200 notes, 1,234 entities, about 1 min 15 s left; 1 worker at hand." in shown
