"""Where a problem is, when the words for it stand outside its phrase: `abscess in the left kidney`, `Neck: no mass`."""

import re
from collections.abc import Sequence
from typing import Final

from hctap_nlp.extraction import Mention

_MOST_BETWEEN: Final = 2
_FARTHEST: Final = 45
# What may stand between a problem and the site behind it, and between a site and the problem behind it.
_BEHIND: Final = re.compile(
    r"[ \t]+(?:(?:is|was|are|were|that is|measuring)[ \t]+)?"
    r"(?:(?:noted|seen|present|identified|located|localized|palpated)[ \t]+)?"
    r"(?:of|in|at|on|over|along|within|involving|about|around|near|throughout|to|from|arising from|overlying)\s+"
    r"(?:(?:the|his|her|their|both|a|an|this|that|my|your)\s+)?",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    r"(?::|,)?\s*(?:(?:with|without|shows?|showed|demonstrates?|demonstrated|reveal(?:s|ed)|has|had|have|is|are|was|were"
    r"|appears?|there|no|any|an?|the|some|evidence|of|positive|negative|for|mild|moderate|severe|diffuse|small|large"
    r"|focal|tiny|new|very|quite|slightly|somewhat|extremely|also|mildly|markedly|moderately|severely|minimally)"
    r"\s+){0,5}",
    re.IGNORECASE,
)


def site_of(text: str, mentions: Sequence[Mention], number: int) -> Mention | None:
    """The site that the text says directly behind or before a problem among its mentions, or None."""
    problem = mentions[number]
    for other in mentions[number + 1 : number + 1 + _MOST_BETWEEN]:
        gap = other.begin - problem.end
        if other.type == "ANATOMY" and 0 < gap <= _FARTHEST and _BEHIND.fullmatch(text, problem.end, other.begin):
            return other
    for other in reversed(mentions[max(0, number - _MOST_BETWEEN) : number]):
        gap = problem.begin - other.end
        if other.type == "ANATOMY" and 0 < gap <= _FARTHEST and _BEFORE.fullmatch(text, other.end, problem.begin):
            return other
    return None
