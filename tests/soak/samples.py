"""How much memory a program and its children take while it works, and whether that grows."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import psutil

from hctap_embedded.processes import measure_memory

_PAUSE_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Sample:
    """How much was done when so many bytes were taken."""

    done: int
    bytes: int


class Sampler:
    """Takes samples in a thread, for as long as the block lasts."""

    def __init__(self, pid: int, count_done: Callable[[], int]) -> None:
        self.samples: list[Sample] = []
        self._process = psutil.Process(pid)
        self._count_done = count_done
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            size = measure_memory(self._process)
            if size:
                self.samples.append(Sample(self._count_done(), size))
            time.sleep(_PAUSE_SECONDS)


def growth_of(samples: Sequence[Sample], total: int) -> float:
    """The mean of the last quarter of the work over that of the second quarter.

    Raises:
        ValueError: If a quarter has no sample.
    """
    means = []
    for first in (3, 1):
        quarter = [one.bytes for one in samples if first * total <= 4 * one.done < (first + 1) * total]
        if not quarter:
            raise ValueError(f"no sample in quarter {first + 1}: more notes are needed")
        means.append(sum(quarter) / len(quarter))
    return means[0] / means[1]


def peak_of(samples: Sequence[Sample]) -> int:
    """The most megabytes that were taken at once."""
    return max(one.bytes for one in samples) >> 20
