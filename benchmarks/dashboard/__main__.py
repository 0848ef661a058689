"""`python -m benchmarks.dashboard URL`: when each page is painted, beside an empty Streamlit page, and what it asks."""

import argparse
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from benchmarks.dashboard.calls import measure_calls

PAGES: Final = ("", "notes", "explore", "runs", "compare", "quality", "try", "review", "operations")
ROUNDS: Final = 3
LIMIT: Final = 1.5
_EMPTY: Final = "import streamlit as st\nst.html('<h1>empty</h1>')\n"
_TIMEOUT_MS: Final = 20_000
_LOOKS_EACH_MS: Final = 10
_HAS_HEADING: Final = "() => document.querySelector('h1')?.getClientRects().length > 0"
_TRIES: Final = 6
_NETWORK_CHANGED: Final = "ERR_NETWORK_CHANGED"


def main() -> int:
    """Print the median of the rounds for each page.

    1 where a page takes more than 1.5 times the empty one, or asks the API more than 5 times or for more than 300 ms.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard", description=__doc__)
    parser.add_argument("url", help="the dashboard's address, such as http://127.0.0.1:8501/app")
    parser.add_argument("--api", default="http://127.0.0.1:8000", help="the address of its API (%(default)s)")
    options = parser.parse_args()
    url = options.url.rstrip("/")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        print("no Chromium on this machine (Debian: apt-get install chromium)", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        # Before anything else has been asked: what the API keeps would make the first look as short as the later ones.
        is_quick = _count_calls(browser, url, options.api.rstrip("/"))
        ratios = _compare(browser, url, Path(folder))
        browser.close()
    worst = max(ratios.values())
    print(f"first_paint_ratio={worst:.2f}")
    return 0 if worst <= LIMIT and is_quick else 1


def _count_calls(browser: Browser, url: str, api: str) -> bool:
    """Whether each page asks the API as seldom and as briefly as it should."""
    asked = measure_calls(browser, [f"{url}/{page}" for page in PAGES], api, ROUNDS)
    for address, found in asked.items():
        page = address.removeprefix(f"{url}/") or "overview"
        times = f"{found.first_ms:7.0f} ms of the API at first, then {found.later_ms:.0f} ms"
        print(f"{page:12} {found.count:3} calls {times}")
    return all(found.is_little for found in asked.values())


def _compare(browser: Browser, url: str, folder: Path) -> dict[str, float]:
    """The median of each page over that of the empty one, measured in turns so that both see the same machine."""
    process, empty = _serve_empty(folder)
    try:
        targets = {"(empty)": empty, **{page or "overview": f"{url}/{page}" for page in PAGES}}
        for address in targets.values():
            _paint(browser, address)
        times: dict[str, list[float]] = {name: [] for name in targets}
        for _ in range(ROUNDS):
            for name, address in targets.items():
                times[name].append(_paint(browser, address))
    finally:
        process.terminate()
        process.wait(20)
    medians = {name: statistics.median(found) for name, found in times.items()}
    for name, median in medians.items():
        print(f"{name:12} {1000 * median:7.0f} ms  {median / medians['(empty)']:5.2f}")
    return {name: median / medians["(empty)"] for name, median in medians.items()}


def _paint(browser: Browser, address: str) -> float:
    """Seconds from the request of a new visitor to the page's heading; again where the machine's network changed."""
    for _ in range(_TRIES):
        seconds = _paint_once(browser, address)
        if seconds is not None:
            return seconds
    raise TimeoutError(f"The network of this machine changes all the time: {address} was never loaded whole.")


def _paint_once(browser: Browser, address: str) -> float | None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    failures: list[str] = []
    page.on("requestfailed", lambda request: failures.append(str(request.failure)))
    begun = time.perf_counter()
    try:
        page.goto(address, timeout=_TIMEOUT_MS)
        # A locator looks less and less often, at last twice a second: what came just after a look would cost that.
        page.wait_for_function(_HAS_HEADING, polling=_LOOKS_EACH_MS, timeout=_TIMEOUT_MS)
    except PlaywrightError:
        # Chromium drops what it loads when an interface comes or goes, as containers make it.
        if not any(_NETWORK_CHANGED in failure for failure in failures):
            raise
        return None
    finally:
        seconds = time.perf_counter() - begun
        context.close()
    return seconds


def _serve_empty(folder: Path) -> tuple["subprocess.Popen[bytes]", str]:
    script = folder / "empty.py"
    script.write_text(_EMPTY, "utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"address": "127.0.0.1", "port": str(port), "headless": "true"}
    flags = [part for name, value in options.items() for part in (f"--server.{name}", value)]
    flags += ["--browser.gatherUsageStats", "false"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), *flags], cwd=folder, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, f"http://127.0.0.1:{port}/"
        time.sleep(0.2)
    process.terminate()
    raise TimeoutError("The empty page did not come up.")


if __name__ == "__main__":
    sys.exit(main())
