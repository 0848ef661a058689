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
    r"(?:(?:also|again|then)[ \t]+)?"
    r"(?:(?:noted|seen|present|identified|located|localized|palpated|found|visualized|discovered|encountered|observed"
    r"|detected|appreciated|felt)[ \t]+)?"
    r"(?:of|in|at|on|over|along|within|involving|about|around|near|throughout|to|from|arising from|overlying)\s+"
    r"(?:(?:the|his|her|their|both|a|an|this|that|my|your)\s+)?",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    r"(?::|,)?[ \t]*(?:(?:with|without|shows?|showed|demonstrates?|demonstrated|reveal(?:s|ed)|has|had|have|is|are|was"
    r"|were|appears?|appeared|there|no|any|an?|the|some|evidence|of|positive|negative|for|mild|moderate|severe|diffuse|small"
    r"|large|trace|pitting|bilateral|[1-4]\+|focal|tiny|new|very|quite|slightly|somewhat|extremely|also|mildly|markedly|moderately|severely|minimally)"
    r"\s+){0,5}",
    re.IGNORECASE,
)

# `Abdomen: soft, no masses`: what a line, or a stretch of a note on one line, says it is about.
_LABEL: Final = re.compile(r"(?:^|(?<=[\n.,;]))[ \t]*(?P<said>[A-Z][A-Za-z]+(?:[ /&]{1,3}[A-Za-z]+){0,2})$")
_LONGEST_LABEL: Final = 40
_LABEL_REACH: Final = 250
# What heads a part of a note, and what a sentence speaks of that goes on to another region.
_NO_LABEL: Final = re.compile(
    r"\b(?:history|procedures?|systems?|diagnos[ei]s|surg\w+|operati\w+|plan|impression|assessment|medical|complaints?"
    r"|heent|general|indications?|findings?|comparison|technique|anesthesia|note|course)\b",
    re.IGNORECASE,
)
_NEXT_REGION: Final = re.compile(
    r"[.;,][ \t]*(?:The[ ])?(?:Abdomen|Extremities|Neck|Chest|Lungs?|Heart|Skin|Back|Spine|Head|Pelvis|Breasts?|Thyroid"
    r"|Throat|Ears?|Eyes|Nose|Rectal|Pelvic|Abdominal|Cardiac|Cervix|Uterus)\b"
)


def label_of(text: str, problem: Mention) -> str:
    """The words before a colon that say what the line, or the stretch of a line, of a problem is about, or none."""
    if text.startswith(":", problem.end):
        return ""  # a label itself
    begin = max(0, problem.begin - _LABEL_REACH)
    colon = text.rfind(":", begin, problem.begin)
    while colon >= 0:
        if found := _LABEL.search(text, max(0, colon - _LONGEST_LABEL), colon):
            is_over = text.find("\n", colon, problem.begin) >= 0 or _NEXT_REGION.search(text, colon, problem.begin)
            return "" if is_over or _NO_LABEL.search(found["said"]) else found["said"]
        colon = text.rfind(":", begin, colon)
    return ""


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
