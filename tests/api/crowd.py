"""Callers at once, and what they were answered, second by second: what a fault under load costs is counted by these."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx


@dataclass
class Answers:
    """When each answer came, by the monotonic clock, and its status; 0 where none came."""

    given: list[tuple[float, int]] = field(default_factory=list)

    def statuses(self) -> Counter[int]:
        """How many answers had each status."""
        return Counter(status for _, status in self.given)

    def recovered_after(self, moment: float) -> float:
        """The seconds from a moment until after which nothing but 200 was answered."""
        bad = [at for at, status in self.given if status != httpx.codes.OK and at >= moment]
        good = [at for at, status in self.given if status == httpx.codes.OK and at >= (max(bad) if bad else moment)]
        assert good, "no good answer came after the fault"
        return max(0.0, min(good) - moment)


@contextmanager
def calling(url: str, paths: Sequence[str], callers: int) -> Iterator[Answers]:
    """Ask for paths in turn for as long as the block runs."""
    answers = Answers()
    is_over = threading.Event()

    def ask(number: int) -> None:
        with httpx.Client(base_url=url, timeout=120) as client:
            turn = number
            while not is_over.is_set():
                turn += 1
                try:
                    status = client.get(paths[turn % len(paths)]).status_code
                except httpx.TransportError:
                    status = 0
                answers.given.append((time.monotonic(), status))

    with ThreadPoolExecutor(callers) as pool:
        asked = [pool.submit(ask, number) for number in range(callers)]
        try:
            yield answers
        finally:
            is_over.set()
    for one in asked:
        one.result()
