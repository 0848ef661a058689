"""What a person sees who opens the dashboard in a browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from tests.clinic import FIRST_RUN, LATEST_RUN, SCRIPT_TEXT

pytestmark = [pytest.mark.stack, pytest.mark.browser]

# A machine that is busy with other things paints a first page late; who waits in vain fails all the same.
SEEN_MS = 90_000
WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}
# Each page with the words that say that it is all there.
PAGES = {
    "overview": ("", "By their notes."),
    "notes": ("notes", "cardiology-2"),
    "note": ("notes?note=cardiology-1", "In the family"),
    "explore": ("explore", "Most often named"),
    "runs": ("runs", FIRST_RUN),
    "run": (f"runs?run={LATEST_RUN}", "What became of its notes"),
    "compare": (f"compare?first={FIRST_RUN}&second={LATEST_RUN}", "Notes in which something changed"),
    "quality": (f"quality?run={LATEST_RUN}", "samples-test in detail"),
    "confusions": (f"quality?run={LATEST_RUN}&gold=samples-dev&part=confusions", "Calibration"),
    "coverage": (f"quality?run={LATEST_RUN}&part=coverage", "Measure"),
    "compared-note": (f"compare?first={FIRST_RUN}&second={LATEST_RUN}&note=cardiology-1", "Nothing changed here"),
    "text": ("notes?part=text", "All the words in any inflection"),
    "kind": ("notes?part=kind", "Written from"),
    "try": ("try", "Extractors"),
    "review": ("review", "There are no reviews yet"),
    "operations": ("operations", "At work"),
}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new visitor with a wide screen."""
    context = browser.new_context(viewport=WIDE)
    context.set_default_timeout(SEEN_MS)
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def _patience() -> None:
    expect.set_options(timeout=SEEN_MS)


def test_the_latest_run_is_seen_at_a_glance_and_a_figure_leads_on(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page).to_have_title("Overview · HC-TAP")
    expect(page.get_by_text(LATEST_RUN)).to_be_visible()
    expect(page.get_by_text("partial", exact=True)).to_be_visible()
    expect(page.get_by_role("table", name="Entities by type").get_by_role("row", name="Problem")).to_be_visible()
    expect(page.get_by_role("table", name="Notes by reason")).to_contain_text("Not JSON")
    page.locator("dt", has_text="In quarantine").locator("xpath=..").get_by_role("link").click()
    expect(page).to_have_url(f"{dashboard_url}/runs?run={LATEST_RUN}&state=quarantined")
    expect(page.get_by_role("table", name="Ledger")).to_contain_text("notes/broken.json")


def test_a_page_knows_where_its_server_is_and_asks_nowhere_else(page: Page, dashboard_url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{dashboard_url}/runs?run={LATEST_RUN}")
    expect(page.get_by_text("What became of its notes")).to_be_visible()
    assert [url for url in asked if "/_stcore/health" in url] == [f"{dashboard_url}/_stcore/health"]


def test_words_lead_to_a_search_without_standing_in_the_address(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/")
    page.get_by_role("table", name="Top problems").get_by_role("link", name="asthma").click()
    expect(page).to_have_url(f"{dashboard_url}/explore?asserted=present&type=PROBLEM")
    expect(page.get_by_label("Words", exact=True)).to_have_value("asthma")
    table = page.get_by_role("table", name="Entities", exact=True)
    expect(table.get_by_role("row")).to_have_count(4)
    expect(table).to_contain_text("asthma")


def test_a_click_leads_to_the_notes_and_steps_through_them(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/")
    page.get_by_role("link", name="Notes", exact=True).click()
    page.get_by_role("table", name="Notes").get_by_role("link", name="cardiology-1").click()
    expect(page.get_by_role("article", name="cardiology-1")).to_be_visible()
    expect(page).to_have_url(f"{dashboard_url}/notes?note=cardiology-1")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("article", name="cardiology-2")).to_be_visible()
    expect(page).to_have_url(f"{dashboard_url}/notes?note=cardiology-2")
    page.get_by_text("All 7 entities as a table").click()
    expect(page.get_by_role("table", name="Entities of the note").get_by_role("row")).to_have_count(8)
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Medications").click()
    expect(page.locator("#hc-section-2")).to_be_focused()


def test_entities_are_told_apart_without_colour_and_say_why(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/notes?note=cardiology-1")
    note = page.get_by_role("article", name="cardiology-1")
    expect(note.locator("mark", has_text="chest pain")).to_have_css("text-decoration-line", "line-through")
    expect(note.locator("mark", has_text="pneumonia")).to_have_css("text-decoration-style", "dotted")
    expect(note.locator("mark", has_text="cancer")).to_have_css("font-style", "italic")
    stroke = note.locator("mark", has_text="stroke")
    assert "hx" in stroke.evaluate("mark => getComputedStyle(mark, '::before').content")
    pain = note.locator("mark", has_text="chest pain")
    assert pain.evaluate("mark => getComputedStyle(mark, '::after').content") == "none"
    pain.hover()
    tip = pain.evaluate("mark => getComputedStyle(mark, '::after').content")
    assert "ICD-10-CM R07.9" in tip
    assert "Negated because of" in tip


def test_a_note_with_markup_is_read_and_never_run(page: Page, dashboard_url: str) -> None:
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("dialog", lambda dialog: failures.append(dialog.message))
    page.goto(f"{dashboard_url}/notes?note=script-1")
    note = page.get_by_role("article", name="script-1")
    expect(note).to_have_text(SCRIPT_TEXT, use_inner_text=True)
    assert note.evaluate("note => note.textContent") == SCRIPT_TEXT
    assert note.locator("script, img").count() == 0
    assert page.evaluate("window.hctapPwned") is None
    assert failures == []


def test_nothing_is_fetched_from_anywhere_else(page: Page, dashboard_url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{dashboard_url}/")
    expect(page.get_by_role("table", name="Top problems")).to_be_visible()
    page.goto(f"{dashboard_url}/notes?note=cardiology-1")
    expect(page.get_by_role("article")).to_be_visible()
    server = dashboard_url.removesuffix("/app")
    assert asked
    assert [url for url in asked if not url.startswith((server, "data:", "blob:"))] == []


def test_a_run_is_started_and_followed(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/runs")
    expect(page.get_by_text("Signed in without a key")).to_be_visible()
    page.get_by_text("Start a run").click()
    page.get_by_label("At most").fill("5")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("queued", exact=True)).to_be_visible()
    expect(page.get_by_role("progressbar", name="Progress of the run")).to_be_visible()
    expect(page.get_by_role("table", name="What made the run")).to_contain_text("at most 5")
    page.get_by_role("button", name="Cancel the run").click()
    expect(page.get_by_text("cancelled", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Go on with the run")).to_be_visible()


def test_differences_are_seen_in_their_context(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/quality?run={LATEST_RUN}&gold=samples-dev")
    page.get_by_text("Differences", exact=True).click()
    table = page.get_by_role("table", name="Differences")
    expect(table.locator("mark", has_text="chest pain")).to_be_visible()
    expect(table).to_contain_text("Invented")
    page.get_by_text("Confusions and calibration").click()
    expect(page.get_by_role("table", name="Calibration")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_page_fits_the_screen_in_light_and_in_dark(
    browser: Browser, dashboard_url: str, tmp_path: Path, size: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    for name, (path, sign) in PAGES.items():
        page.goto(f"{dashboard_url}/{path}")
        expect(page.get_by_text(sign).first).to_be_visible()
        picture = page.screenshot(path=tmp_path / f"{name}-{scheme}-{size['width']}.png")
        assert len(picture) > 10_000
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        # A table scrolls on no screen, in its frame neither.
        for framed in page.locator(".hc-scroll:visible").all():
            assert framed.evaluate("frame => frame.scrollWidth <= frame.clientWidth"), name
        colour = page.locator(".stApp").evaluate("app => getComputedStyle(app).colorScheme")
        assert colour == scheme
    context.close()
