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
        first, second = scratch.write([b"ab"]), scratch.write([b"cd"])
        assert scratch.take(second) == b"cd"
        third = scratch.write([b"e"])
        assert third[0] == 4, "the first one is still kept"
        assert [scratch.take(place) for place in (third, first)] == [b"e", b"ab"]
        assert scratch.write([b"f"])[0] == 0


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
