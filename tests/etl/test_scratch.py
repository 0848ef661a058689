"""What does not have to stay in memory comes back as it was, and is gone with the process."""

import tempfile
import threading
from pathlib import Path

import pytest

from hctap_etl.scratch import Scratch


def test_what_was_written_comes_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with Scratch() as scratch:
        first = scratch.write([b"ab", bytearray(b"c"), memoryview(b"de")])
        empty, last = scratch.write([]), scratch.write([b"f"])
        assert [scratch.take(place) for place in (last, empty, first)] == [b"f", b"", b"abcde"]
        assert list(folder.iterdir()) == [], "it has no name"


def test_what_is_taken_gives_its_place_to_what_comes_next() -> None:
    with Scratch() as scratch:
        places = [scratch.write([letter * 4]) for letter in (b"a", b"b", b"c", b"d")]
        assert [place.begin for place in places] == [0, 4, 8, 12]
        assert scratch.take(places[2]) == b"cccc"
        assert scratch.take(places[1]) == b"bbbb"
        between = [scratch.write([b"e" * size]) for size in (6, 3, 2)]
        assert [place.begin for place in between] == [4, 16, 10], "the first place that is large enough"
        assert [scratch.take(place) for place in (*between, places[0], places[3])] == [
            *(b"eeeeee", b"eee", b"ee", b"aaaa", b"dddd")
        ]
        assert scratch.write([b"f"]).begin == 0


def test_a_file_whose_bytes_are_taken_one_behind_stays_small() -> None:
    with Scratch() as scratch:
        ends, before = [], scratch.write([b"x" * 100])
        for number in range(50):
            place = scratch.write([bytes([number]) * (100 + number % 7)])
            scratch.take(before)
            before = place
            ends.append(place.begin + place.size)
        assert max(ends) < 400


def test_a_place_of_a_file_that_is_gone_is_not_one_of_the_next() -> None:
    with Scratch() as scratch:
        gone = scratch.write([b"a"])
        scratch.clear()
        there = scratch.write([b"b"])
        with pytest.raises(ValueError, match="nothing was kept"):
            scratch.take(gone)
        assert scratch.take(there) == b"b"


def test_threads_write_and_take_side_by_side() -> None:
    wrong: list[bytes] = []

    def use(letter: bytes) -> None:
        for size in range(1, 400):
            read = scratch.take(scratch.write([letter * size]))
            if read != letter * size:
                wrong.append(read)

    with Scratch() as scratch:
        threads = [threading.Thread(target=use, args=(bytes([letter]),)) for letter in b"abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_what_is_cleared_is_gone() -> None:
    with Scratch() as scratch:
        place = scratch.write([b"a"])
        scratch.clear()
        with pytest.raises(ValueError, match="nothing was kept"):
            scratch.take(place)
        assert scratch.take(scratch.write([b"bc"])) == b"bc"


def test_without_room_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "gone"))
    with Scratch() as scratch, pytest.raises(OSError):  # noqa: PT011 - any that the system raises
        scratch.write([b"a"])
