"""How often a page asks the API: seldom enough to be quick, and never for the world."""

import logging

import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN
from tests.dashboard.pages import open_page

pytestmark = pytest.mark.stack

MOST_CALLS = 5
PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "overview": ("overview", {}),
    "notes": ("notes", {}),
    "found notes": ("notes", {"type": "PROBLEM"}),
    "notes by text": ("notes", {"part": "text"}),
    "note": ("notes", {"note": "ward-100"}),
    "explore": ("explore", {}),
    "runs": ("runs", {}),
    "run": ("runs", {"run": LATEST_RUN}),
    "compare": ("compare", {}),
    "compared note": ("compare", {"first": FIRST_RUN, "second": LATEST_RUN, "note": "cardiology-1"}),
    "quality": ("quality", {}),
    "try": ("try_it", {}),
    "review": ("review", {}),
    "operations": ("operations", {}),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_at_most_five_times(api_url: str, caplog: pytest.LogCaptureFixture, name: str) -> None:
    view, address = PAGES[name]
    with caplog.at_level(logging.INFO, logger="httpx"):
        page = open_page(api_url, view, **address)
    assert not page.exception
    asked = [record.getMessage() for record in caplog.records if record.name == "httpx"]
    assert 1 <= len(asked) <= MOST_CALLS, asked
