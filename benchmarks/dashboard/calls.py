"""What a page asks of the API, by the API's own count and clock."""

import re
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import httpx
from playwright.sync_api import Browser

MOST_CALLS: Final = 5
MOST_MS: Final = 300.0
_SERIES: Final = re.compile(r"^hctap_http_request_seconds_(count|sum)\{(?P<labels>.*)\} (?P<value>\S+)$", re.MULTILINE)
# Who asks for these is a probe, or this measurement itself.
_OURS: Final = ('route="/metrics"', 'route="/health"', 'route="/ready"')
_TIMEOUT_MS: Final = 60_000
# A script that has ended may be begun again by what it put out, such as a part that hears clicks.
_QUIET_MS: Final = 700
_AT_REST: Final = "[data-testid='stApp'][data-test-script-state='notRunning']"


@dataclass(frozen=True)
class Calls:
    """So many requests, which took the API so long all together."""

    count: int
    duration_ms: float

    def __sub__(self, other: "Calls") -> "Calls":
        """What came since."""
        return Calls(self.count - other.count, self.duration_ms - other.duration_ms)


@dataclass(frozen=True)
class Asked:
    """What a page asks: the most requests of any look, the time of the very first look, the median of later ones."""

    count: int
    first_ms: float
    later_ms: float

    @property
    def is_little(self) -> bool:
        """Whether no look is more than it should be; what only the first one has to compute counts."""
        return self.count <= MOST_CALLS and max(self.first_ms, self.later_ms) <= MOST_MS


def measure_calls(browser: Browser, addresses: Iterable[str], api: str, rounds: int) -> dict[str, Asked]:
    """What a new visitor's look at each page asks, `rounds` times after the first."""
    found: dict[str, list[Calls]] = {address: [] for address in addresses}
    for _ in range(rounds + 1):
        for address, seen in found.items():
            seen.append(_count_during(api, lambda address=address: _look(browser, address)))  # type: ignore[misc]
    return {address: summarise(seen) for address, seen in found.items()}


def summarise(looks: Sequence[Calls]) -> Asked:
    """What a page asks, of two looks at it or more, the very first one first."""
    first, *later = looks
    return Asked(
        max(one.count for one in looks), first.duration_ms, statistics.median(one.duration_ms for one in later)
    )


def read_calls(metrics: str) -> Calls:
    """All requests that the API's metrics tell of, without those of probes."""
    totals = {"count": 0.0, "sum": 0.0}
    for match in _SERIES.finditer(metrics):
        if not any(label in match["labels"] for label in _OURS):
            totals[match[1]] += float(match["value"])
    return Calls(round(totals["count"]), 1000 * totals["sum"])


def _count_during(api: str, look: Callable[[], None]) -> Calls:
    before = read_calls(httpx.get(f"{api}/metrics").raise_for_status().text)
    look()
    return read_calls(httpx.get(f"{api}/metrics").raise_for_status().text) - before


def _look(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(address, timeout=_TIMEOUT_MS)
    page.locator("h1").first.wait_for(timeout=_TIMEOUT_MS)
    for _ in range(2):
        page.locator(_AT_REST).wait_for(timeout=_TIMEOUT_MS)
        page.wait_for_timeout(_QUIET_MS)
    context.close()
