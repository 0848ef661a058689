"""Where in a text a service's answer stands: by its offsets where they fit its words, else by the words."""

import re

from hctap_remote.windows import Window

# How services count: the bytes of one unit of each encoding.
_UNITS = {"utf-8": 1, "utf-16-le": 2}
_NEARBY = 200


def place(text: str, window: Window, begin: int, end: int, words: str | None) -> tuple[int, int] | None:
    """The span of the whole text for offsets within a window, checked by the words that the service repeats.

    The offsets count code points, as the service documents; where they do not fit the words, they are read as bytes and
    as UTF-16 units, and then the words are looked for near them. None if they stand nowhere there.
    """
    piece = text[window.begin : window.end]
    span = (begin, end) if 0 <= begin < end <= len(piece) and words in (None, piece[begin:end]) else None
    if span is None and words and words.strip():
        span = _recount(piece, begin, end, words) or _look_near(piece, begin, words)
    return (window.begin + span[0], window.begin + span[1]) if span else None


def _recount(piece: str, begin: int, end: int, words: str) -> tuple[int, int] | None:
    for encoding, size in _UNITS.items():
        data = piece.encode(encoding)
        if data[begin * size : end * size] == words.encode(encoding):
            at = len(data[: begin * size].decode(encoding))
            return at, at + len(words)
    return None


def _look_near(piece: str, begin: int, words: str) -> tuple[int, int] | None:
    found = piece.find(words, max(0, begin - _NEARBY), begin + len(words) + _NEARBY)
    return (found, found + len(words)) if found >= 0 else None


class Aligner:
    """Finds quotations in a text, one after the other: the same words twice mean their two places."""

    def __init__(self, text: str, window: Window) -> None:
        self._text = text
        self._window = window
        self._reach = window.begin
        self._used: set[tuple[int, int]] = set()

    def find(self, quotation: str) -> tuple[int, int] | None:
        """The next unused place of a quotation, from the last one found on, else from the begin; None if there is none.

        White space and case may differ, nothing else.
        """
        quotation = " ".join(quotation.split())
        if not quotation:
            return None
        for begin in (self._reach, self._window.begin):
            span = self._search(quotation, begin)
            if span is not None:
                self._used.add(span)
                self._reach = span[0]
                return span
        return None

    def _search(self, quotation: str, begin: int) -> tuple[int, int] | None:
        at = begin
        while at < self._window.end:
            span = _match_from(self._text, quotation, at, self._window.end)
            if span is None:
                return None
            if span not in self._used:
                return span
            at = span[0] + 1
        return None


def _match_from(text: str, quotation: str, begin: int, end: int) -> tuple[int, int] | None:
    pattern = r"\s+".join(map(re.escape, quotation.split(" ")))
    for flags in (0, re.IGNORECASE):
        found = re.compile(pattern, flags).search(text, begin, end)
        if found:
            return found.span()
    return None
