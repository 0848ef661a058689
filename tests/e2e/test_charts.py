"""Charts as a browser draws them."""

import sys
from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from tests.e2e.conftest import free_port, serving
from tests.e2e.test_dashboard import NARROW, SEEN_MS, WIDE

pytestmark = pytest.mark.browser

# As many notes as a large run has: numbers of one digit to five.
SCRIPT = """
import streamlit as st
from hctap_dashboard.charts import show_grid
st.set_page_config(layout="wide")
counts = (0, 7, 88, 412, 999, 1000, 1764, 9949, 12345, 23456, 60000)
cells = [
    {"problem": f"a problem of number {row}", "drug": f"drug {column}", "count": counts[(row * 3 + column) % 11]}
    for row in range(14)
    for column in range(14)
]
show_grid("Problems and drugs", cells, ("drug", "problem"), unit="Notes")
"""


@pytest.fixture(scope="module")
def chart_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page with the heat map of a large run."""
    folder = tmp_path_factory.mktemp("charts")
    (folder / "page.py").write_text(SCRIPT, "utf-8")
    url = f"http://127.0.0.1:{(port := free_port())}/"
    flags = ["--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true"]
    command = [sys.executable, "-m", "streamlit", "run", "page.py", *flags, "--browser.gatherUsageStats=false"]
    with serving(command, folder, url):
        yield url


def open_chart(browser: Browser, url: str, size: ViewportSize) -> Page:
    page = browser.new_context(viewport=size).new_page()
    page.goto(url)
    expect(page.get_by_text("999", exact=True).first).to_be_visible(timeout=SEEN_MS)
    # It is drawn once more when the page has its width.
    page.wait_for_timeout(1_000)
    return page


@pytest.mark.parametrize(("size", "largest"), [(WIDE, "60,000"), (NARROW, "60k")], ids=["wide", "narrow"])
def test_the_numbers_of_a_heat_map_can_be_read_on_every_screen(
    browser: Browser, chart_url: str, size: ViewportSize, largest: str
) -> None:
    page = open_chart(browser, chart_url, size)
    boxes: list[tuple[str, float, float, float, float]] = page.evaluate(
        """[...document.querySelectorAll("svg.marks .mark-text.role-mark text")].filter(text => text.textContent)
            .map(text => [text, text.getBoundingClientRect()])
            .map(([text, box]) => [text.textContent, box.left, box.right, box.top, box.bottom])"""
    )
    assert largest in {words for words, *_ in boxes}
    lines: dict[int, list[tuple[float, float]]] = {}
    for _, left, right, top, bottom in boxes:
        assert bottom - top >= 11
        assert right <= size["width"]
        lines.setdefault(round(top), []).append((left, right))
    assert len(lines) == 14
    for line in lines.values():
        line.sort()
        assert all(before[1] < after[0] for before, after in pairwise(line))
    page.context.close()
