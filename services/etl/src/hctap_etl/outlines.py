"""Outlines of parts: what silver needs of their lines, in a fifth of the bytes, from whoever has just written them.

What repeats (terms with their codes, assertions with section and score, origins, note ids) stands in an outline once,
and each entity names it by its number. An outline never leaves the machine: who has none reads the lines of the part.
"""

import logging
import os
import tempfile
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from itertools import repeat
from json.encoder import encode_basestring as quote
from types import TracebackType
from typing import IO, Final, Self, TypeVar

from hctap_nlp.extraction import Mention
from hctap_stores.database.rows import Term

log = logging.getLogger(__name__)

# Pieces of lines, rendered once: those behind codes and type, those around assertion and score, and the origin's end.
TermPieces = tuple[str, str, str, str, str, Term]
Sign = tuple[str, str, str, tuple[bool, ...]]
Origin = tuple[int, str, str]
Piece = TypeVar("Piece")
_NO_DETAIL: Final = '{"attributes":[],"cues":[]}\n'


# The numbers of each entity: those of what it names, and its offsets.
NUMBERS: Final = ("note", "origin", "sign", "term", "detail", "begin", "end")


@dataclass(frozen=True, slots=True)
class Outline:
    """Entities: their `NUMBERS` column by column, as C integers, their texts, and as JSON Lines what they name.

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


def distinct(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces without those that are the same object as an earlier one; of two that are equal both stay."""
    return list({id(piece): piece for piece in pieces}.values())


def _number(pieces: Sequence[Piece]) -> tuple[list[Piece], "array[int]"]:
    """The distinct pieces, and the place among them of each."""
    named = distinct(pieces)
    numbers = {id(piece): number for number, piece in enumerate(named)}
    return named, array("i", map(numbers.__getitem__, map(id, pieces)))


class OutlineWriter:
    """The outline of the notes of a shard, in the order in which they are added."""

    def __init__(self) -> None:
        self._notes: list[str] = []
        self._note_numbers = array("i")
        self._signs: list[Sign] = []
        self._begins = array("i")
        self._ends = array("i")
        self._texts: list[str] = []
        self._details = [_NO_DETAIL]
        self._detail_numbers = array("i")

    def add(
        self,
        note_id: str,
        mentions: Sequence[Mention],
        signs: Sequence[Sign],
        texts: Sequence[str],
        details: Iterable[tuple[str, str]],
    ) -> None:
        """Take the next note: its mentions, their signs, texts, and details: attributes and cues as items of JSON."""
        self._note_numbers.extend(repeat(len(self._notes), len(mentions)))
        self._notes.append(note_id)
        self._signs += signs
        self._begins.extend([mention.begin for mention in mentions])
        self._ends.extend([mention.end for mention in mentions])
        self._texts += texts
        for attributes, cues in details:
            number = 0
            if attributes or cues:
                number = len(self._details)
                self._details.append(f'{{"attributes":[{attributes}],"cues":[{cues}]}}\n')
            self._detail_numbers.append(number)

    def finish(self, terms: Sequence[TermPieces], origins: Sequence[Origin]) -> Outline:
        """The outline of what was added, whose terms and origins these are.

        Pieces of lines become whole by fields that nobody reads.
        """
        text = "".join(self._texts)
        encoded = text.encode()
        is_ascii = len(encoded) == len(text)
        sizes = array("i", map(len, self._texts) if is_ascii else [len(each.encode()) for each in self._texts])
        named_origins, origin_numbers = _number(origins)
        named_signs, sign_numbers = _number(self._signs)
        named_terms, term_numbers = _number(terms)
        columns = (
            *(self._note_numbers, origin_numbers, sign_numbers, term_numbers, self._detail_numbers),
            *(self._begins, self._ends),
        )
        return Outline(
            b"".join(column.tobytes() for column in columns),
            sizes.tobytes(),
            encoded,
            _encode(f'{{"note_id":{quote(note_id)}}}\n' for note_id in self._notes),
            _encode(f'{{"cues":[]{origin[1]}\n' for origin in named_origins),
            _encode(f'{sign[0]}]{sign[1]}""}}\n' for sign in named_signs),
            _encode(f'{{"begin":0{term[0]}0{term[1]}"note_id":""}}\n' for term in named_terms),
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
