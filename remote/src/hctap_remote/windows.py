"""A text in windows that a service takes: cut where sentences end, each beginning with the end of the one before."""

from collections.abc import Iterator
from typing import NamedTuple

from hctap_nlp.sentences import Sentences


class Window(NamedTuple):
    """A stretch of a text in code points; what begins before `own` was read by the window before."""

    begin: int
    end: int
    own: int


def cut_windows(text: str, most_bytes: int, overlap: int) -> Iterator[Window]:
    """Windows of at most so many bytes of UTF-8, that cover the text and overlap by up to `overlap` code points.

    A window ends with a sentence unless one sentence fills it alone, and begins with one; no character is cut.
    """
    if most_bytes < 4 * (overlap + 1):
        raise ValueError("a window must hold more than its overlap")
    sentences = Sentences(text)
    begin = own = 0
    while own < len(text):
        end = _reach(text, begin, most_bytes)
        if end < len(text):
            last = sentences.at(end)[0]
            end = last if last > own else end
        yield Window(begin, end, own)
        own = end
        begin = _step_back(sentences, own, overlap)


def _reach(text: str, begin: int, most_bytes: int) -> int:
    piece = text[begin : begin + most_bytes].encode()[:most_bytes]
    return begin + len(piece.decode(errors="ignore"))


def _step_back(sentences: Sentences, own: int, overlap: int) -> int:
    begin = own
    while begin > 0:
        earlier = sentences.at(begin - 1)[0]
        if own - earlier > overlap:
            break
        begin = earlier
    if begin == own and sentences.at(own)[0] != own:
        return max(0, own - overlap)  # one sentence that fills a window
    return begin
