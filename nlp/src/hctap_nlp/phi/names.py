"""Names in the positions in which notes have them, and every later place of a name that was found."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from hctap_core.phi import PhiKind, PhiSpan
from hctap_nlp.phi.anchors import Anchor, Role, build_automaton

_WORD: Final = re.compile(r"[^\W\d_](?:\.(?=[ ,\n])|[^\W\d_]*(?:['’-][^\W\d_]{2,})*)")
_AFTER_TITLE: Final = re.compile(r"\.?[ ]{1,2}")
_AFTER_LABEL: Final = re.compile(r"(?:['’]s)?(?:[ ]name)?(?:\(s\)|s)?[ \t]{0,3}[:=][ \t]{0,30}")
_AFTER_DEAR: Final = re.compile(r"[ ]")
_AFTER_OPENER: Final = re.compile(r"[,:]?[ ]{1,2}")
_COMMA: Final = re.compile(r",[ ]?")
_GAP: Final = re.compile(r"[ ]")
_ENDS_LABELLED: Final = re.compile(r"[ ]*(?:$|[\n\r\t,;.()|/<\[]|[ ]{2}|[ ]-|\d|[A-Za-z/ ]{2,20}:)")
_MOST_WORDS: Final = 5
_SHORTEST: Final = 2
_SHORTEST_REPEATED: Final = 3
_FULL_NAME: Final = 2
_SHOUTED: Final = frozenset({"DR"})
_LONGEST_BEFORE: Final = 80


class NameFinder:
    """Reads names beside titles, labels, openers and credentials."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self._others = frozenset(tables["not_names"])
        self._particles = frozenset(tables["particles"])
        self._titles = frozenset(tables["titles"])

    def read(self, text: str, anchor: Anchor) -> PhiSpan | None:
        """The name beside an anchor."""
        if anchor.role is Role.TITLE:
            return self._titled(text, anchor)
        if anchor.role is Role.NAME_OPENER:
            return self._after(text, anchor, _AFTER_OPENER)
        is_greeting = text[anchor.begin : anchor.end].lower() == "dear"
        return self._labelled(text, anchor, _AFTER_DEAR if is_greeting else _AFTER_LABEL)

    def read_back(self, text: str, end: int) -> PhiSpan | None:
        """The name that ends where a credential follows (`John Smith, MD`)."""
        begin = max(0, end - _LONGEST_BEFORE, text.rfind("\n", 0, end) + 1)
        words = [word.span() for word in _WORD.finditer(text, begin, end)]
        kept: list[tuple[int, int]] = []
        edge = end
        for span in reversed(words):
            if (
                text[span[1] : edge].strip(" ,")
                or edge - span[1] > _FULL_NAME
                or not self._may_stand(text[slice(*span)], is_first=False)
            ):
                break
            kept.append(span)
            edge = span[0]
        kept.reverse()
        while kept and text[kept[0][0]].islower():
            kept.pop(0)
        if len(kept) < _FULL_NAME or len(kept) > _MOST_WORDS:
            return None
        return _span_of(kept)

    def find_again(self, text: str, names: Iterable[PhiSpan]) -> Iterator[PhiSpan]:
        """Every place of the words of names that were found, where they have a capital."""
        words = {
            word[0]
            for span in names
            for word in _WORD.finditer(text, span.begin, span.end)
            if len(word[0]) >= _SHORTEST_REPEATED and word[0].lower() not in self._particles
        }
        forms = sorted({form for word in words for form in (word, word.title(), word.upper())})
        if forms:
            # One pass for all of them: a list of a thousand patients must not take a thousand passes.
            for _, begin, end in build_automaton(forms).find_matches_as_indexes(text):
                if not (begin and text[begin - 1].isalnum()) and not text[end : end + 1].isalnum():
                    yield PhiSpan(begin, end, PhiKind.NAME)

    def _titled(self, text: str, anchor: Anchor) -> PhiSpan | None:
        title = text[anchor.begin : anchor.end]
        span = self._after(text, anchor, _AFTER_TITLE) if title[0].isupper() else None
        if span is not None and title.isupper() and title not in _SHOUTED and not text[span.begin : span.end].isupper():
            return None  # MR. Mitral valve: a regurgitation, and nobody's title
        return span

    def _after(self, text: str, anchor: Anchor, gap: "re.Pattern[str]") -> PhiSpan | None:
        found = gap.match(text, anchor.end)
        if not found:
            return None
        words = self._words(text, self._past_title(text, found.end()))
        return _span_of(words) if _has_name(text, words) else None

    def _labelled(self, text: str, anchor: Anchor, gap: "re.Pattern[str]") -> PhiSpan | None:
        found = gap.match(text, anchor.end)
        if not found:
            return None
        begin = self._past_title(text, found.end())
        words = self._words(text, begin, with_comma=True)
        if not _has_name(text, words):
            return None
        if len(words) < _FULL_NAME and begin == found.end() and not _ENDS_LABELLED.match(text, words[-1][1]):
            return None
        return _span_of(words)

    def _past_title(self, text: str, begin: int) -> int:
        word = _WORD.match(text, begin)
        if word and word[0].lower().rstrip(".") in self._titles:
            gap = _AFTER_TITLE.match(text, word.end() - word[0].endswith("."))
            return gap.end() if gap else begin
        return begin

    def _words(self, text: str, begin: int, *, with_comma: bool = False) -> list[tuple[int, int]]:
        words: list[tuple[int, int]] = []
        at = begin
        while len(words) < _MOST_WORDS:
            word = _WORD.match(text, at)
            if not word or not self._may_stand(word[0], is_first=not words):
                break
            words.append(word.span())
            gap = _GAP.match(text, word.end())
            if gap is None and with_comma and len(words) == 1:
                gap = _COMMA.match(text, word.end())
            if gap is None:
                break
            at = gap.end()
        while words and text[slice(*words[-1])].lower() in self._particles:
            words.pop()
        return words

    def _may_stand(self, word: str, *, is_first: bool) -> bool:
        low = word.lower().rstrip(".")
        if not is_first and low in self._particles and word[0].islower():
            return True
        return word[0].isupper() and (low not in self._others or word.endswith("."))


def _has_name(text: str, words: list[tuple[int, int]]) -> bool:
    """Whether there is more than initials."""
    return any(end - begin >= _SHORTEST and text[end - 1] != "." for begin, end in words)


def _span_of(words: list[tuple[int, int]]) -> PhiSpan:
    return PhiSpan(words[0][0], words[-1][1], PhiKind.NAME)
