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
        assert [scratch.read(place) for place in (last, empty, first)] == [b"f", b"", b"abcde"]
        assert list(folder.iterdir()) == [], "it has no name"


def test_threads_write_and_read_side_by_side() -> None:
    wrong: list[bytes] = []

    def use(letter: bytes) -> None:
        for size in range(1, 400):
            read = scratch.read(scratch.write([letter * size]))
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
            scratch.read(place)
        assert scratch.read(scratch.write([b"bc"])) == b"bc"


def test_without_room_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "gone"))
    with Scratch() as scratch, pytest.raises(OSError):  # noqa: PT011 - any that the system raises
        scratch.write([b"a"])
