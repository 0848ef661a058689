"""The report of `hctap extract` in a browser: it finds, it filters, it tells, and it loads nothing."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from rich.console import Console

from hctap_cli.gathering import Gathering
from hctap_cli.outputs.folder import REPORT, ResultFolder
from hctap_cli.outputs.report.page import Imprint
from hctap_cli.progress import Meter
from hctap_cli.reading import read_notes
from hctap_nlp.extractors import SpanReader, load_extractor

pytestmark = pytest.mark.browser
NOTES = {
    "Cardiology": "PMH: hypertension.\nDenies chest pain. Lisinopril 10 mg PO daily.",
    "Neurology": "Migraine. Mother had gout. <script>document.title = 'run'</script>",
    "Urology": "شكرا. Possible kidney stone. Return if fever.",
}


@pytest.fixture(scope="module")
def extractor(tmp_path_factory: pytest.TempPathFactory) -> SpanReader:
    return load_extractor("rules", tmp_path_factory.mktemp("vocabulary"))


@pytest.fixture(scope="module")
def write(extractor: SpanReader, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Write a report of the notes, each so many times."""

    def make(times: int) -> Path:
        folder = tmp_path_factory.mktemp("notes")
        lines = [
            json.dumps({"id": f"{specialty}-{number}", "specialty": specialty, "text": text})
            for number in range(times)
            for specialty, text in NOTES.items()
        ]
        (folder / "notes.jsonl").write_text("\n".join(lines), encoding="utf-8")
        results = ResultFolder(folder / "out", Imprint("notes", "rules", "1", "0" * 64), 10_000)
        read_notes(Gathering([folder]), extractor, results, Meter(Console(quiet=True)))
        return folder / "out" / REPORT

    return make


@pytest.fixture
def page(browser: Browser, write: Callable[[int], Path]) -> Iterator[Page]:
    """The report of a few notes; whatever it loads or complains about fails the test."""
    opened = browser.new_page()
    wrong: list[str] = []
    opened.on("console", lambda message: wrong.append(message.text))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda request: wrong.append(request.url) if not request.url.startswith("file:") else None)
    opened.goto(write(1).as_uri())
    yield opened
    assert wrong == []
    opened.close()


def _names(page: Page) -> list[str]:
    return page.locator(".note:visible .name").all_inner_texts()


def test_notes_are_found_by_word_code_specialty_and_assertion(page: Page) -> None:
    assert _names(page) == ["Cardiology-0", "Neurology-0", "Urology-0"]
    for words, found in (("lisinopril", "Cardiology-0"), ("G43.909", "Neurology-0"), ("شكرا", "Urology-0")):
        page.fill("#find", words)
        expect(page.locator(".note:visible .name")).to_have_text([found])
        assert page.inner_text("#matches") == "1 of 3 notes"
    page.fill("#find", "")
    expect(page.locator("#matches")).to_have_text("3 notes")
    page.select_option("#specialty", "Neurology")
    assert _names(page) == ["Neurology-0"]
    page.select_option("#specialty", "")
    page.select_option("#has", "uncertain")
    assert _names(page) == ["Urology-0"]


def test_a_problem_of_the_list_leads_to_its_notes(page: Page) -> None:
    page.locator("#problems .seek", has_text="gout").click()
    assert _names(page) == ["Neurology-0"]
    assert page.input_value("#find") == "gout"


def test_a_mark_tells_what_and_why_to_mouse_and_keyboard(page: Page) -> None:
    mark = page.locator("mark.hc-negated").first
    assert "line-through" in mark.evaluate("mark => getComputedStyle(mark).textDecorationLine")
    mark.hover()
    told = page.inner_text("#tip")
    for fact in ("Problem · negated", "R07.9", "reaches “chest pain.”", "negated.forward:denies"):
        assert fact in told
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()
    page.locator("mark.hc-medication").first.focus()
    assert "Strength: 10 mg" in page.inner_text("#tip")


def test_a_type_can_be_switched_off(page: Page) -> None:
    mark = page.locator("mark.hc-medication").first
    before = mark.evaluate("mark => getComputedStyle(mark).backgroundColor")
    page.click("[data-toggle=medication]")
    assert page.get_attribute("[data-toggle=medication]", "aria-pressed") == "false"
    assert mark.evaluate("mark => getComputedStyle(mark).backgroundColor") != before


def test_a_note_cannot_become_a_page(page: Page) -> None:
    page.click("#open")
    assert page.title() == "What the notes in notes say"
    assert "<script>" in page.locator(".note .text").nth(1).inner_text()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_screen(browser: Browser, write: Callable[[int], Path], width: int, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(write(1).as_uri())
    page.click("#open")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(20, 23, 26)" if scheme == "dark" else "rgb(255, 255, 255)")
    context.close()


def test_it_stays_quick_with_many_notes(browser: Browser, write: Callable[[int], Path]) -> None:
    page = browser.new_page()
    page.goto(write(200).as_uri())
    page.fill("#find", "gout")
    # The first search gathers the words of 600 notes.
    expect(page.locator("#matches")).to_have_text("200 of 600 notes", timeout=5_000)
    page.close()
