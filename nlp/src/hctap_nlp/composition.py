"""Problems as whole noun phrases: a term with the site, side, acuity and kind that notes put before or after it."""

import re
from collections.abc import Mapping, Sequence

from hctap_nlp.matching import Hit
from hctap_nlp.shadow import Shadow, shadow_of

_MOST_MODIFIERS = 6
_LONGEST_SIDE = 30
_LONGEST_PART = 24
_MOST_SIDES = 3
_NO_MODIFIERS = frozenset({"heads", "parts", "extents", "acts", "functions", "directions", "measures", "states"})
_PART = re.compile(r" ([a-z]+) of (?:the |his |her )?$")
_NUMBER_BEFORE = re.compile(r" (?:\d+|two|three|four|five|six|seven|eight|nine|ten|several|few) $")
_LAST_WORD = re.compile(r"([^ ]+) $")
_OF_SITE = re.compile(r" of (?:the |his |her )?")
_JOINS = re.compile(r"[ \-\n\r\t]*(?:[ \-/]|\r?\n)[ \t]*")


class Composer:
    """Widens a problem's span over its modifiers; the modifier table says which words those are."""

    def __init__(self, modifiers: Mapping[str, Sequence[str]]) -> None:
        listed = {
            shadow_of(str(item).lower()).strip()
            for name in modifiers
            if name not in _NO_MODIFIERS
            for item in modifiers[name]
        }
        self._words = {item for item in listed if " " not in item}
        # `end stage` by its last word: its first word alone is no modifier (`status post fracture`).
        self._phrases: dict[str, list[str]] = {}
        for item in sorted(listed - self._words, key=lambda item: (-len(item), item)):
            self._phrases.setdefault(item.rpartition(" ")[2], []).append(item)
        self._heads = {str(word) for word in modifiers["heads"]}
        self._places = {
            shadow_of(str(word).lower()).strip() for name in ("laterality", "site") for word in modifiers[name]
        }
        self._parts = {str(word) for word in modifiers["parts"]}
        self._extents = {str(word) for word in modifiers["extents"]}
        self._acts = {str(word) for word in modifiers["acts"]}
        self._functions = {str(word) for word in modifiers["functions"]}
        self._measures = {str(word) for word in modifiers["measures"]}
        self._directions = {str(word) for word in modifiers["directions"]}
        self._sides = self._directions | {
            word for item in modifiers["laterality"] for word in shadow_of(str(item).lower()).split()
        }

    def widen(
        self, shadow: Shadow, begin: int, end: int, sites: Mapping[int, Hit], starts: Mapping[int, Hit]
    ) -> tuple[int, int]:
        """The span of the noun phrase around the problem at shadow `begin:end`.

        `sites` are the anatomy hits by their shadow end, `starts` by their shadow begin.
        """
        begin = self.widen_left(shadow, begin, sites)
        head = shadow.words[begin:end].rpartition(" ")[2]
        if head in self._heads:
            end = self._widen_right(shadow, end, starts)
        return begin, end

    def widen_site(self, shadow: Shadow, begin: int, end: int) -> tuple[int, int]:
        """The span of the site at shadow `begin:end` with side and part (`inferior aspect of the left breast`)."""
        begin = self._widen_side(shadow, begin)
        if (found := _PART.search(shadow.words, max(0, begin - _LONGEST_PART), begin)) and found[1] in self._parts:
            begin = self._widen_side(shadow, found.start(1))
        following = shadow.words[end + 1 : end + _LONGEST_SIDE].partition(" ")[0]
        if following in self._extents and self._joined(shadow, end + 1):
            end += len(following) + 1
        return begin, end

    def widen_act(self, shadow: Shadow, end: int) -> int:
        """Where the procedure that ends at shadow `end` ends with the act that follows (`stent placement`)."""
        following = shadow.words[end + 1 : end + _LONGEST_SIDE].partition(" ")[0]
        return end + 1 + len(following) if following in self._acts and self._joined(shadow, end + 1) else end

    def is_function(self, shadow: Shadow, end: int) -> bool:
        """Whether the site that ends at shadow `end` only says of what the next word is (`bowel function`)."""
        return shadow.words[end + 1 : end + _LONGEST_SIDE].partition(" ")[0] in self._functions

    def is_measure(self, shadow: Shadow, begin: int, end: int) -> bool:
        """Whether the site at shadow `begin:end` measures what the number before it counts (`6-foot fall`)."""
        return (
            shadow.words[begin:end] in self._measures
            and _NUMBER_BEFORE.search(shadow.words, max(0, begin - _LONGEST_SIDE), begin) is not None
            and self._joined(shadow, begin)
        )

    def _widen_side(self, shadow: Shadow, begin: int) -> int:
        for _ in range(_MOST_SIDES):
            found = _LAST_WORD.search(shadow.words, max(0, begin - _LONGEST_SIDE), begin)
            if not found or found[1] not in self._sides or not self._joined(shadow, begin):
                break
            begin = found.start(1)
        return begin

    def widen_left(self, shadow: Shadow, begin: int, sites: Mapping[int, Hit], *, only_sites: bool = False) -> int:
        """Where the modifiers and sites (or the sites and sides alone) directly before shadow `begin` begin."""
        words = shadow.words
        for _ in range(_MOST_MODIFIERS):
            site = sites.get(begin - 1)
            if site is not None and self._joined(shadow, begin):
                begin = site[0]
                continue
            found = _LAST_WORD.search(words, max(0, begin - 30), begin)
            modifier = self._modifier_before(words, begin, found[1]) if found else None
            if modifier is None or (only_sites and modifier not in self._places) or not self._joined(shadow, begin):
                break
            if words.endswith(" non", 0, begin - len(modifier) - 2):
                break  # `non-malignant tumor`: a tumor
            begin -= len(modifier) + 1
        return begin

    def _modifier_before(self, words: str, begin: int, last: str) -> str | None:
        """The longest modifier that ends with the last word before `begin`, or None."""
        for phrase in self._phrases.get(last, ()):
            if words.startswith(f" {phrase} ", begin - len(phrase) - 2):
                return phrase
        return last if last in self._words else None

    @staticmethod
    def _joined(shadow: Shadow, begin: int) -> bool:
        """Whether nothing but white space or a hyphen stands before `begin` in the text itself."""
        left, right = shadow.end_of(begin - 1), shadow.begin_of(begin)
        if left >= right or _JOINS.fullmatch(shadow.text, left, right) is None:
            return False
        return shadow.text.find("\n", left, right) < 0 or not shadow.is_parted(begin - 1, begin + 1)

    def _widen_right(self, shadow: Shadow, end: int, starts: Mapping[int, Hit]) -> int:
        found = _OF_SITE.match(shadow.words, end)
        if not found:
            return end
        at = found.end()
        for _ in range(_MOST_MODIFIERS):
            site = starts.get(at)
            if site is not None:
                return site[1]
            word = shadow.words[at:].partition(" ")[0] if at < len(shadow.words) else ""
            if word not in self._words:
                return end
            at += len(word) + 1
        return end
