"""What axe-core finds on every page, in light and in dark."""

import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.test_dashboard import PAGES, SEEN_MS, WIDE

pytestmark = [pytest.mark.stack, pytest.mark.browser]

AXE = "axe-core@4.14.1"
FETCH_SECONDS = 60
# While a page fades in, its colours are not yet those that people read.
LOOKS = 4
FADING_MS = 1_500
# Serious findings of Streamlit's own making, by rule: none today.
STREAMLITS_OWN: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of axe-core (MPL-2.0), fetched for the test and shipped nowhere."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("axe-core comes by npm, which is not on this machine (Debian: apt-get install npm)")
    folder = tmp_path_factory.mktemp("axe")
    try:
        subprocess.run(
            [npm, "pack", AXE, "--silent"], cwd=folder, check=True, capture_output=True, timeout=FETCH_SECONDS
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pytest.skip("axe-core could not be fetched from npm's registry")
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extract("package/axe.min.js", folder, filter="data")
    return (folder / "package" / "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_finding(
    browser: Browser, dashboard_url: str, axe: str, scheme: Literal["light", "dark"]
) -> None:
    expect.set_options(timeout=SEEN_MS)
    context = browser.new_context(viewport=WIDE, color_scheme=scheme)
    page = context.new_page()
    found: list[tuple[str, str, str]] = []
    for name, (path, sign) in PAGES.items():
        page.goto(f"{dashboard_url}/{path}")
        expect(page.get_by_text(sign).first).to_be_visible()
        expect(page.get_by_text("Signed in without a key")).to_be_visible()
        page.evaluate(axe)
        found += _findings(page, name)
    context.close()
    assert found == []


def _findings(page: Page, name: str) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for _ in range(LOOKS):
        violations: list[dict[str, Any]] = page.evaluate("axe.run(document).then(found => found.violations)")
        found = [
            (name, violation["id"], violation["nodes"][0]["html"][:200])
            for violation in violations
            if violation["impact"] in {"serious", "critical"} and violation["id"] not in STREAMLITS_OWN
        ]
        if not found:
            break
        page.wait_for_timeout(FADING_MS)
    return found


def test_the_packed_script_is_not_in_the_product() -> None:
    product = Path(__file__).parents[2] / "services" / "dashboard"
    assert not [path for path in product.rglob("*.js") if "axe" in path.name]
