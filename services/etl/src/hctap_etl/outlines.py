"""Outlines of parts: what silver needs of their lines, in a fifth of the bytes, from whoever has just written them.

What repeats (terms with their codes, assertions with section and score, origins, note ids) stands in an outline once,
and each entity names it by its number. An outline never leaves the machine: who has none reads the lines of the part.
"""

import logging
import os
import tempfile
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from json.encoder import encode_basestring as quote
from types import TracebackType
from typing import IO, Final, Generic, Self, TypeVar

log = logging.getLogger(__name__)

# Pieces of lines, rendered once: those behind codes and type, those around assertion and score, and the origin's end.
Term = tuple[str, str, str, str, tuple[str, ...], Mapping[int, str]]
Sign = tuple[str, str, str]
Origin = tuple[int, str, str]
Piece = TypeVar("Piece")
_NO_DETAIL: Final = '{"attributes":[],"cues":[]}\n'


# The numbers of each entity: those of what it names, and its offsets.
NUMBERS: Final = ("note", "origin", "sign", "term", "detail", "begin", "end")


@dataclass(frozen=True, slots=True)
class Outline:
    """Entities: their `NUMBERS` one after the other, as C integers, their texts, and as JSON Lines what they name.

    `sizes` are those of the texts in bytes, as C integers; `details` are the attributes and cues of entities that have
    any, behind a first that is empty.
    """

    numbers: bytes
    sizes: bytes
    texts: bytes
    notes: bytes
    origins: bytes
    signs: bytes
    terms: bytes
    details: bytes


class _Pieces(Generic[Piece]):
    """Pieces that come from a cache, with their numbers: an object has one, of two that are equal each has its own."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._numbers: dict[int, int] = {}

    def find(self, piece: Piece) -> int:
        number = self._numbers.get(id(piece))
        if number is None:
            number = self._numbers[id(piece)] = len(self.pieces)
            # It is kept, so that no other object has its id.
            self.pieces.append(piece)
        return number


class OutlineWriter:
    """The outline of the notes of a shard, in the order in which they are added."""

    def __init__(self) -> None:
        self._numbers = array("i")
        self._sizes = array("i")
        self._texts: list[bytes] = []
        self._notes: list[str] = []
        self._terms: _Pieces[Term] = _Pieces()
        self._signs: _Pieces[Sign] = _Pieces()
        self._origins: _Pieces[Origin] = _Pieces()
        self._details = [_NO_DETAIL]

    def number(self, term: Term, sign: Sign, origin: Origin, attributes: str, cues: str) -> tuple[int, ...]:
        """The `NUMBERS` of an entity of the next note, but for its offsets; attributes and cues are items of JSON."""
        detail = 0
        if attributes or cues:
            detail = len(self._details)
            self._details.append(f'{{"attributes":[{attributes}],"cues":[{cues}]}}\n')
        named = self._origins.find(origin), self._signs.find(sign), self._terms.find(term)
        return len(self._notes), *named, detail

    def add(self, note_id: str, numbers: Sequence[int], texts: Sequence[str]) -> None:
        """Take the next note: the `NUMBERS` and the texts of its entities."""
        self._notes.append(note_id)
        self._numbers.extend(numbers)
        text = "".join(texts)
        encoded = text.encode()
        self._texts.append(encoded)
        is_ascii = len(encoded) == len(text)
        self._sizes.extend(map(len, texts) if is_ascii else [len(each.encode()) for each in texts])

    def finish(self) -> Outline:
        """The outline of what was added. Pieces of lines become whole by fields that nobody reads."""
        return Outline(
            self._numbers.tobytes(),
            self._sizes.tobytes(),
            b"".join(self._texts),
            _encode(f'{{"note_id":{quote(note_id)}}}\n' for note_id in self._notes),
            _encode(f'{{"cues":[]{origin[1]}\n' for origin in self._origins.pieces),
            _encode(f'{sign[0]}]{sign[1]}""}}\n' for sign in self._signs.pieces),
            _encode(f'{{"begin":0{term[0]}0{term[1]}"note_id":""}}\n' for term in self._terms.pieces),
            _encode(self._details),
        )


def _encode(lines: Iterable[str]) -> bytes:
    return "".join(lines).encode()


class OutlineFile:
    """The outlines of parts by their keys, in a file without a name, which is gone with this process."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._places: dict[str, list[tuple[int, tuple[int, ...]]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._clear()

    def keep(self, key: str, outlines: Iterable[Outline]) -> None:
        """Keep the outlines of a part; where there is no room for them, none is kept, and the lines will be read."""
        try:
            self._places[key] = [self._write(outline) for outline in outlines]
        except OSError:
            log.info("outlines_not_kept", extra={"part": key})
            self._clear()

    def find(self, key: str) -> list[Outline]:
        """The outlines of a part; none if they were not kept."""
        return [self._read(*place) for place in self._places.get(key, ())]

    def _write(self, outline: Outline) -> tuple[int, tuple[int, ...]]:
        # Without a buffer, so that what did not find room is not tried again when the file is closed.
        self._file = self._file or tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed when it is cleared
        begin = self._file.seek(0, os.SEEK_END)
        blocks: tuple[bytes, ...] = astuple(outline)
        whole = b"".join(blocks)
        if self._file.write(whole) != len(whole):
            raise OSError
        return begin, tuple(map(len, blocks))

    def _read(self, begin: int, sizes: Iterable[int]) -> Outline:
        if self._file is None:
            raise ValueError("nothing was kept")
        self._file.seek(begin)
        return Outline(*[self._file.read(size) for size in sizes])

    def _clear(self) -> None:
        self._places.clear()
        if self._file is not None:
            self._file.close()
        self._file = None
