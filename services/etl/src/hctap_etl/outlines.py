"""Outlines of parts: what silver needs of their lines, in a fifth of the bytes, from whoever has just written them.

What repeats (terms with their codes, assertions with section and score, origins, note ids) stands in an outline once,
and each entity names it by its number. An outline never leaves the machine: who has none reads the lines of the part.
"""

import logging
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate
from json.encoder import encode_basestring as quote
from types import TracebackType
from typing import Final, Self, TypeVar

from hctap_etl.pieces import Sign, TermPieces
from hctap_etl.scratch import Place, Scratch
from hctap_nlp.extraction import Mention
from hctap_stores.database.rows import Block

log = logging.getLogger(__name__)

Piece = TypeVar("Piece")
_NO_DETAIL: Final = '{"attributes":[],"cues":[]}\n'


# The numbers of each entity: those of what it names, and its offsets.
NUMBERS: Final = ("note", "sign", "term", "detail", "begin", "end")


@dataclass(frozen=True, slots=True)
class Outline:
    """Entities: their `NUMBERS` column by column, as C integers, their texts, and as JSON Lines what they name.

    `sizes` are those of the texts in bytes, as C integers; `details` are the attributes and cues of entities that have
    any, behind a first that is empty.
    """

    numbers: Block
    sizes: Block
    texts: Block
    notes: Block
    signs: Block
    terms: Block
    details: Block

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The fields in their order."""
        return tuple([getattr(self, name) for name in OUTLINE_BLOCKS])


OUTLINE_BLOCKS: Final = tuple(field.name for field in fields(Outline))


def _number(pieces: Iterable[Piece], distinct: Mapping[int, Piece]) -> "array[int]":
    """The place of each piece among the distinct ones, which stand under their identities."""
    numbers = {each: number for number, each in enumerate(distinct)}
    return array("i", map(numbers.__getitem__, map(id, pieces)))


class OutlineWriter:
    """The outline of the notes of a shard, in the order in which they are added."""

    def __init__(self) -> None:
        self._notes: list[str] = []
        self._note_numbers = array("i")
        self._signs: list[Sign] = []
        self._begins = array("i")
        self._ends = array("i")
        self._sizes = array("i")
        self._texts = bytearray()
        self._details = [_NO_DETAIL]
        self._detail_numbers = array("i")

    def add(
        self,
        note_id: str,
        mentions: Sequence[Mention],
        signs: Sequence[Sign],
        texts: Sequence[str],
        details: Iterable[tuple[int, str, str]],
    ) -> None:
        """Take the next note: its mentions, their signs and texts, and what details they have.

        A detail is the place of a mention, with its attributes and cues as items of JSON.
        """
        count = len(mentions)
        self._note_numbers += array("i", (len(self._notes),)) * count
        self._notes.append(note_id)
        self._signs += signs
        self._begins.extend([mention.begin for mention in mentions])
        self._ends.extend([mention.end for mention in mentions])
        text = "".join(texts)
        self._sizes.extend(map(len, texts) if text.isascii() else [len(each.encode()) for each in texts])
        self._texts += text.encode()
        numbers = array("i", bytes(self._detail_numbers.itemsize * count))
        for place, attributes, cues in details:
            numbers[place] = len(self._details)
            self._details.append(f'{{"attributes":[{attributes}],"cues":[{cues}]}}\n')
        self._detail_numbers += numbers

    def finish(self, terms: Sequence[TermPieces], distinct: Mapping[int, TermPieces]) -> Outline:
        """The outline of what was added, whose terms these are, and each of them once under its identity.

        Pieces of lines become whole by fields that nobody reads.
        """
        signs = {id(sign): sign for sign in self._signs}
        columns = (
            *(self._note_numbers, _number(self._signs, signs), _number(terms, distinct), self._detail_numbers),
            *(self._begins, self._ends),
        )
        return Outline(
            b"".join(column.tobytes() for column in columns),
            self._sizes.tobytes(),
            bytes(self._texts),
            _encode(f'{{"note_id":{quote(note_id)}}}\n' for note_id in self._notes),
            _encode(f'{sign[0]}]{sign[1]}""}}\n' for sign in signs.values()),
            _encode(
                f'{{"begin":0{term[0]}0{term[1]}"provenance":{{"cues":[]{term[2]}}}\n' for term in distinct.values()
            ),
            _encode(self._details),
        )


def _encode(lines: Iterable[str]) -> bytes:
    return "".join(lines).encode()


class OutlineFile:
    """The outlines of parts by their keys, in a file without a name, which is gone with this process."""

    def __init__(self) -> None:
        self._scratch = Scratch()
        self._places: dict[str, list[tuple[Place, tuple[int, ...]]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._clear()

    def keep(self, key: str, outlines: Iterable[Outline]) -> None:
        """Keep the outlines of a part with entities; nobody asks for those of others.

        Where there is no room for them, none is kept, and the lines will be read.
        """
        try:
            self._places[key] = [self._write(outline) for outline in outlines]
        except OSError:
            log.info("outlines_not_kept", extra={"part": key})
            self._clear()

    def take(self, key: str) -> list[Outline]:
        """The outlines of a part, which are kept no longer; none if they were not kept."""
        try:
            return [self._take(*place) for place in self._places.pop(key, ())]
        except ValueError:
            return []  # cleared by another thread meanwhile

    def _write(self, outline: Outline) -> tuple[Place, tuple[int, ...]]:
        return self._scratch.write(outline.blocks), tuple(map(len, outline.blocks))

    def _take(self, place: Place, sizes: Sequence[int]) -> Outline:
        whole = memoryview(self._scratch.take(place))
        ends = accumulate(sizes)
        return Outline(*[whole[end - size : end] for end, size in zip(ends, sizes, strict=True)])

    def _clear(self) -> None:
        self._places.clear()
        self._scratch.clear()
