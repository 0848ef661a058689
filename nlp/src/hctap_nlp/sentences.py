"""Sentences as clinicians write them: a line end is a full stop unless the line was only wrapped."""

import re
from bisect import bisect_right
from collections.abc import Iterable

# After these a full stop does not end a sentence; `p.o.`, `b.i.d.` are caught by the single letter before the stop.
_ABBREVIATIONS = frozenset("dr mr mrs ms vs no st approx dept pt fig e.g i.e etc inc jr sr prof".split())  # noqa: SIM905
_BOUNDARY = re.compile(
    r"(?P<stop>[.!?]+[)\"'”]?)(?=\s+[A-Z0-9(\"“*•-]|\s*$|[ \t]*\n|,[A-Z])"
    r"|(?P<line>[ \t]*\r?\n[ \t]*)(?P<blank>(?:\r?\n[ \t]*)*)",
    re.MULTILINE,
)
_LAST_WORD = re.compile(r"([A-Za-z][A-Za-z.]*)$")
_SHORT_LINE = 45


class Sentences:
    """The sentences of a text as spans in order, without gaps."""

    __slots__ = ("_begins", "end")

    def __init__(self, text: str, cuts: Iterable[int] = ()) -> None:
        self._begins = _begins(text, cuts)
        self.end = len(text)

    def at(self, offset: int) -> tuple[int, int]:
        """Begin and end of the sentence that holds a text offset."""
        place = bisect_right(self._begins, offset)
        return self._begins[place - 1], self._begins[place] if place < len(self._begins) else self.end


def _begins(text: str, cuts: Iterable[int]) -> list[int]:
    begins = {0, *cuts}
    line_begin = 0
    for match in _BOUNDARY.finditer(text):
        if match["stop"] is not None:
            if not _is_abbreviation(text, match.start()):
                begins.add(match.end())
        else:
            if match["blank"] or not _is_wrapped(text, line_begin, match.start(), match.end()):
                begins.add(match.end())
            line_begin = match.end()
    return sorted(begin for begin in begins if begin <= len(text))


def _is_abbreviation(text: str, stop: int) -> bool:
    if text[stop] != ".":
        return False
    found = _LAST_WORD.search(text, max(0, stop - 12), stop)
    if not found:
        return False
    word = found[1]
    return (len(word) == 1 and word != "I") or "." in word or word.lower() in _ABBREVIATIONS


def _is_wrapped(text: str, line_begin: int, line_end: int, next_begin: int) -> bool:
    """Whether the line was broken inside a sentence: it is long, and the next one goes on."""
    if next_begin >= len(text) or line_end == line_begin:
        return False
    last, following = text[line_end - 1], text[next_begin]
    if last in ".:;!?" or following in "-*•":
        return False
    return (following.islower() or last == ",") and line_end - line_begin > _SHORT_LINE
