"""Identifiers that begin with digits: every run of digits is looked at once, by the shapes that its length allows."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from hctap_core.phi import PhiKind, PhiSpan

_DIGITS: Final = re.compile(r"\d+")
_LONGEST_RUN: Final = 19
_OPENING: Final = "(+"
_GLUE: Final = ".,/-_:"

Reader = Callable[["re.Match[str]"], PhiSpan | None]


@dataclass(frozen=True, slots=True)
class Shape:
    """What an identifier looks like from its first run of digits on.

    `lengths` are those of the first run, `lead` says how many letters stand before it. `read` judges a match, by
    checksum, by calendar, by what stands before it; without it every match counts.
    """

    kind: PhiKind
    lengths: Iterable[int]
    pattern: "re.Pattern[str]"
    read: Reader | None = None
    lead: int = 0


class ShapeFinder:
    """Finds identifiers by their shapes."""

    def __init__(self, shapes: Iterable[Shape]) -> None:
        self._plain: list[list[Shape]] = [[] for _ in range(_LONGEST_RUN + 1)]
        self._led: list[list[Shape]] = [[] for _ in range(_LONGEST_RUN + 1)]
        for shape in shapes:
            for length in shape.lengths:
                (self._led if shape.lead else self._plain)[length].append(shape)

    def find(self, text: str) -> Iterator[PhiSpan]:
        """The spans that fit a shape, from left to right; of several that begin at one run the longest."""
        reach = 0
        for run in _DIGITS.finditer(text):
            begin, end = run.span()
            if begin < reach or end - begin > _LONGEST_RUN:
                continue
            span = self._at(text, begin, end - begin)
            if span is not None:
                reach = span.end
                yield span

    def _at(self, text: str, begin: int, length: int) -> PhiSpan | None:
        before = text[begin - 1] if begin else " "
        if before.isalnum():
            return self._longest(self._led[length], text, begin) if before.isalpha() else None
        if before in _GLUE and begin > 1 and text[begin - 2].isdigit():
            return None  # the middle of a longer number
        return self._longest(self._plain[length], text, begin - 1 if before in _OPENING else begin)

    @staticmethod
    def _longest(shapes: Iterable[Shape], text: str, begin: int) -> PhiSpan | None:
        longest: PhiSpan | None = None
        for shape in shapes:
            start = begin - shape.lead
            if start < 0 or (shape.lead and start and text[start - 1].isalnum()):
                continue
            span = _read(shape, text, start)
            if span is not None and (longest is None or span.end - span.begin > longest.end - longest.begin):
                longest = span
        return longest


def _read(shape: Shape, text: str, start: int) -> PhiSpan | None:
    found = shape.pattern.match(text, start)
    if found is None and text[start] == "(":
        found = shape.pattern.match(text, start + 1)
    if found is None:
        return None
    return PhiSpan(*found.span(), shape.kind) if shape.read is None else shape.read(found)


def judged(kind: PhiKind, is_right: Callable[[str], bool]) -> Reader:
    """A reader that lets a match count where its letters and digits pass a check."""

    def read(found: "re.Match[str]") -> PhiSpan | None:
        bare = "".join(filter(str.isalnum, found[0]))
        return PhiSpan(*found.span(), kind) if is_right(bare) else None

    return read
