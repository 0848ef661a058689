import os
import time

import pytest
from tests.soak.samples import Sample, Sampler, growth_of, peak_of


def _samples(*sizes: int) -> list[Sample]:
    return [Sample(number, size) for number, size in enumerate(sizes)]


def test_memory_that_stays_has_not_grown() -> None:
    assert growth_of(_samples(9, 9, 4, 4, 4, 4, 4, 4), 8) == 1.0


def test_the_last_quarter_counts_against_the_second() -> None:
    assert growth_of(_samples(1, 1, 4, 6, 9, 9, 10, 12), 8) == 2.2


def test_what_comes_after_the_work_does_not_count() -> None:
    assert growth_of([*_samples(1, 1, 4, 4, 4, 4, 4, 4), Sample(8, 1000)], 8) == 1.0


def test_too_few_samples_are_said() -> None:
    with pytest.raises(ValueError, match="no sample in quarter 4"):
        growth_of(_samples(1, 1), 8)


def test_the_peak_is_in_megabytes() -> None:
    assert peak_of(_samples(1 << 20, 5 << 20, 3 << 20)) == 5


def test_this_process_takes_memory() -> None:
    with Sampler(os.getpid(), lambda: 7) as sampler:
        deadline = time.monotonic() + 30
        while not sampler.samples and time.monotonic() < deadline:
            time.sleep(0.01)
    assert sampler.samples[0].done == 7
    assert sampler.samples[0].bytes > 1 << 20
