"""One text, one sense: what was found once is found at its other places, and under its own abbreviation."""

import re
from collections.abc import Sequence

from hctap_nlp.extraction import ScoredSpan
from hctap_nlp.statistical.abbreviations import definitions_in, uses_of

_FEWEST_LETTERS = 4
# A defined long form and a found span may differ by an article or a qualifier at the left.
_SLACK = 25


def spread(text: str, spans: Sequence[ScoredSpan]) -> list[ScoredSpan]:
    """The spans with those of the same words and of defined abbreviations elsewhere in the text, in text order."""
    found = list(spans)
    for definition in definitions_in(text):
        long = next((s for s in spans if _is_long_form(s, definition.begin, definition.end)), None)
        if long is not None:
            for begin, end in uses_of(definition, text):
                _add(long._replace(begin=begin, end=end), found)
    _repeat(text, found)
    return sorted(found)


def _is_long_form(span: ScoredSpan, begin: int, end: int) -> bool:
    return abs(span.end - end) <= 1 and begin - _SLACK <= span.begin <= begin


def _repeat(text: str, found: list[ScoredSpan]) -> None:
    known: dict[str, ScoredSpan] = {}
    for span in found:
        words = text[span.begin : span.end].lower()
        if len(words) >= _FEWEST_LETTERS:
            known.setdefault(words, span)
    if not known:
        return
    words = "|".join(re.escape(one) for one in sorted(known, key=lambda one: (-len(one), one)))
    for match in re.finditer(rf"(?<![\w-])(?:{words})(?![\w-])", text, re.IGNORECASE):
        if (origin := known.get(match[0].lower())) is not None:
            _add(origin._replace(begin=match.start(), end=match.end()), found)


def _add(span: ScoredSpan, found: list[ScoredSpan]) -> None:
    if all(span.end <= other.begin or span.begin >= other.end for other in found):
        found.append(span)
