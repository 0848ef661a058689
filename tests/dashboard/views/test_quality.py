"""How good a run is, against the real API."""

import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN
from tests.dashboard.pages import address_of, html_of, open_page, pick, text_of

from hctap_core.coverage import Change, Coverage
from hctap_dashboard.views import quality

pytestmark = pytest.mark.stack


def test_it_shows_the_scores_of_both_halves_and_names_them_in_the_address(api_url: str) -> None:
    page = open_page(api_url, "quality")
    assert not page.exception
    assert address_of(page) == {"run": LATEST_RUN, "gold": "samples-test"}
    shown = text_of(page)
    assert "samples-dev samples-test Type Gold Strict Overlap Gold Strict Overlap" in shown
    assert "samples-test in detail Strict, by type Strict Gold Found Precision Recall F1" in shown
    assert "samples-dev in detail" in text_of(pick(page, "Gold set", "samples-dev"))


def test_a_run_without_scores_says_what_to_do(api_url: str) -> None:
    page = open_page(api_url, "quality", run=FIRST_RUN)
    assert "hctap-etl evaluate --gold FILE" in text_of(page)


def test_coverage_names_what_has_moved() -> None:
    rates = {"no_entities": 0.25, "per_note.TEST": 2.0, "assertion.family": 0.01}
    change = Change(measure="no_entities", before=0.05, now=0.25, is_drift=True)
    shown = quality._coverage(Coverage(texts=40, rates=rates, compared_with="earlier", changes=(change,)))
    assert "Texts without an entity moved more than it may." in shown
    assert '<td class="hc-num">5.0 %</td><td class="hc-num">25.0 %</td><td>drift</td>' in shown
    assert "Entities that are in the family" in shown
    assert 'href="/app/runs?run=earlier"' in shown
    assert "older than this measure" in quality._coverage(None)


def test_attributes_are_shown_by_name(api_url: str) -> None:
    page = open_page(api_url, "quality")
    page.segmented_control[0].set_value("confusions").run()
    assert not page.exception
    assert "Assertions Assertion Gold Found Precision Recall F1" in text_of(page)
    page.segmented_control[0].set_value("coverage").run()
    assert "Coverage" in text_of(page)
    assert "<script" not in html_of(page)
