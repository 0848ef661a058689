"""Abbreviations that a text defines itself: `congestive heart failure (CHF)`.

The method is A. S. Schwartz and M. A. Hearst's (Pacific Symposium on Biocomputing 2003): the letters of the short form
are looked for from the right in the words before the parenthesis.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hctap_core.code_reasons import CodeStep, with_step
from hctap_nlp.extraction import Mention

_SHORT = re.compile(r"\(\s*(?P<short>[A-Za-z][A-Za-z0-9/\-]{1,9})\s*[);,]")
_LONGEST_BEFORE = 120
_LONGEST_DETAIL = 40


class Definition(NamedTuple):
    """A long form's span, and the short form with its span."""

    begin: int
    end: int
    short: str
    short_begin: int
    short_end: int


def definitions_in(text: str) -> Iterator[Definition]:
    """The abbreviations that the text defines, in order."""
    for match in _SHORT.finditer(text):
        short = match["short"]
        if not any(letter.isupper() for letter in short):
            continue
        offset = max(0, match.start() - _LONGEST_BEFORE)
        before = text[offset : match.start()].rstrip()
        begin = _begin_of_long(before, short)
        if begin is not None:
            yield Definition(offset + begin, offset + len(before), short, *match.span("short"))


def uses_of(definition: Definition, text: str) -> Iterator[tuple[int, int]]:
    """The spans at which the short form stands in the text."""
    for match in re.finditer(rf"(?<!\w){re.escape(definition.short)}(?!\w)", text):
        yield match.span()


def give_codes_of_definitions(text: str, mentions: Sequence[Mention]) -> None:
    """Give each mention that is a short form defined in the text the codes of its long form, and no others."""
    ends = {(mention.type, mention.end): mention for mention in mentions}
    coded: dict[tuple[str, str], Mention] = {}
    for definition in definitions_in(text):
        for kind in {mention.type for mention in mentions}:
            long = ends.get((kind, definition.end))
            if long is not None and long.begin <= definition.begin:
                coded.setdefault((kind, definition.short), long)
    for mention in mentions:
        found = coded.get((mention.type, text[mention.begin : mention.end]))
        if found is not None:
            said = " ".join(text[found.begin : found.end].split())[:_LONGEST_DETAIL]
            mention.codes = tuple(
                (*code[:4], with_step(code[4], CodeStep.DEFINITION, said), code[5]) for code in found.codes
            )


def _begin_of_long(before: str, short: str) -> int | None:
    place = len(before) - 1
    letters = [letter.lower() for letter in short if letter.isalnum()]
    for number, letter in enumerate(reversed(letters), start=1):
        is_first = number == len(letters)
        while place >= 0 and not _fits(before, place, letter, must_begin_a_word=is_first):
            place -= 1
        if place < 0:
            return None
        place -= 1
    return place + 1


def _fits(before: str, place: int, letter: str, *, must_begin_a_word: bool) -> bool:
    if before[place].lower() != letter:
        return False
    return not must_begin_a_word or place == 0 or not before[place - 1].isalnum()
