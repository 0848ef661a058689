"""The shadow of a text: what terms and rules are matched against, with the way back to the text's own offsets.

The text itself is never changed. In the shadow, letters are lower case and without accents, every character that is
neither letter nor digit is a space, a line break inside a wrapped sentence, what is left of one (some spaces between
small letters) and a double space are one space, and it begins and ends with a space, so that a term with a space at
both ends matches whole words only.
"""

import re
import unicodedata
from bisect import bisect_right
from functools import cache

from hctap_nlp.sentences import SHORT_LINE

# A line break that goes on in small letters, or some spaces, behind a word; begins with characters to jump to.
_RUN = re.compile(r"\n[ \t]*(?=[a-z(])|[ \t]{2,8}(?=\S)")
_LOST_LINE_END = re.compile(r"\.,|(?<![Nn]o)\.[ ]\d+[.)]")
_DOUBLE = 2
_FIRST_WORD = re.compile(r"[ \t]*([^\s,;:.]+)")
_LATIN_END = 0x250
_GREEK = {0x370 + i: chr(0x370 + i) for i in range(0x90)}


def _fold(character: str) -> str:
    lower = character.lower()
    if len(lower) != 1:
        lower = lower[0]
    if not lower.isalnum():
        return " "
    base = unicodedata.normalize("NFKD", lower)[0]
    return base if base.isalnum() and ord(lower) < _LATIN_END else lower


class _Folding(dict[int, str]):
    """Code point to shadow character, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold(chr(code))
        return folded


_FOLDING = _Folding({code: _fold(chr(code)) for code in range(_LATIN_END)})


class Shadow:
    """A text's shadow; `text[begin_of(i):end_of(j)]` is what `shadow[i:j]` stands for."""

    __slots__ = ("_cuts", "_shifts", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        pieces: list[str] = []
        self._cuts: list[int] = []
        self._shifts: list[int] = []
        at = shift = 0
        for run in _RUN.finditer(text):
            begin, end = run.span()
            if text[begin] == "\n":
                begin = _end_of_line(text, begin)
            elif end - begin > _DOUBLE and not _goes_on(text, begin, end):
                continue
            if begin and not text[begin - 1].isspace() and end - begin > 1:
                pieces.append(text[at : begin + 1])
                at = end
                shift += end - begin - 1
                self._cuts.append(end - shift + 1)
                self._shifts.append(shift)
        folded = "".join((*pieces, text[at:])).translate(_FOLDING) if pieces else text.translate(_FOLDING)
        self.words = f" {folded} "

    def begin_of(self, index: int) -> int:
        """The text offset at which the shadow character `index` begins."""
        return index - 1 + self._shift(index)

    def end_of(self, index: int) -> int:
        """The text offset at which the shadow character before `index` ends."""
        return index - 1 + self._shift(index - 1)

    def index_of(self, offset: int) -> int:
        """The shadow index of a text offset."""
        low, high = 0, len(self.words)
        while low < high:
            middle = (low + high) // 2
            if self.begin_of(middle) < offset:
                low = middle + 1
            else:
                high = middle
        return low

    def is_parted(self, begin: int, end: int) -> bool:
        """Whether a line that was not only wrapped ends between two shadow indices (`cold` above `Symptoms`).

        Where a text has lost its line ends, a full stop with a comma or a list's number behind it stands for one.
        """
        first, last = self.begin_of(begin), self.end_of(end)
        if self.text.find(".", first, last) >= 0 and _LOST_LINE_END.search(self.text, first, last + 1):
            return True
        at = self.text.find("\n", first, last)
        while at >= 0:
            if not _goes_on_below(self.text, at):
                return True
            at = self.text.find("\n", at + 1, last)
        return False

    def _shift(self, index: int) -> int:
        if not self._cuts:
            return 0
        place = bisect_right(self._cuts, index)
        return self._shifts[place - 1] if place else 0


def _goes_on(text: str, begin: int, end: int) -> bool:
    """Whether the spaces stand where a line was wrapped, and not between the columns of a table."""
    return (text[begin - 1 : begin].islower() or text[begin - 1 : begin] == ",") and (
        text[end].islower() or text[end] == "("
    )


def _goes_on_below(text: str, line_feed: int) -> bool:
    """Whether the line below goes on: in small letters, or behind a long line with a number or all in capitals."""
    below = _FIRST_WORD.match(text, line_feed + 1)
    if below is None:
        return False
    word = below[1]
    if word[0].islower() or word[0] == "(":
        return True
    begin = text.rfind("\n", 0, line_feed) + 1
    if line_feed - begin <= SHORT_LINE:
        return False
    return word[0].isdigit() or (word.isupper() and text[begin:line_feed].rstrip().rpartition(" ")[2].isupper())


def _end_of_line(text: str, line_feed: int) -> int:
    end = line_feed - (text[line_feed - 1 : line_feed] == "\r")
    while text[end - 1 : end] in (" ", "\t"):
        end -= 1
    return end


@cache
def shadow_of(form: str) -> str:
    """A term as it looks in a shadow, with a space at both ends."""
    return f" {form.translate(_FOLDING).strip()} "
