import threading
import time
from collections.abc import Iterator

import pytest

from hctap_etl.shift import Shift, ShiftOver


def _run(shift: Shift[int, int], size: int) -> list[threading.Thread]:
    def serve() -> None:
        try:
            for task in shift.tasks():
                shift.hand_over(task * task)
            shift.hand_over(None)
        except ShiftOver:
            pass

    threads = [threading.Thread(target=serve) for _ in range(size)]
    for thread in threads:
        thread.start()
    return threads


def _end(shift: Shift[int, int], threads: list[threading.Thread]) -> None:
    shift.end()
    for thread in threads:
        thread.join(5)
    shift.join()
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.parametrize("size", [1, 3])
def test_every_task_is_taken_once(size: int) -> None:
    shift: Shift[int, int] = Shift(range(100), size)
    threads = _run(shift, size)
    assert sorted(shift.results()) == [number * number for number in range(100)]
    _end(shift, threads)


def test_tasks_are_read_no_further_than_they_are_wanted() -> None:
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    shift: Shift[int, int] = Shift(tasks(), 2)
    threads = _run(shift, 2)
    results = shift.results()
    for _ in range(10):
        next(results)
    time.sleep(0.3)
    # Ten read, two waiting to be read, two in hand, two read ahead, one in the reader's hand.
    assert taken <= 17
    _end(shift, threads)


def test_what_goes_wrong_in_a_thread_is_raised_where_the_results_are_read() -> None:
    def tasks() -> Iterator[int]:
        yield 1
        raise KeyError("lost")

    shift: Shift[int, int] = Shift(tasks(), 1)
    threads = _run(shift, 1)
    with pytest.raises(KeyError, match="lost"):
        list(shift.results())
    _end(shift, threads)
