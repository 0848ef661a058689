"""What lies in the past without a cue's word: a dated thing, the reaction to a drug, what was done before the visit."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from hctap_core.sections import SectionType
from hctap_nlp.assertion.signs import mark
from hctap_nlp.extraction import Mention

_DATED = frozenset({"PROBLEM", "PROCEDURE"})
_YEAR_AFTER = re.compile(
    r"(?:[ \t]+once)?[ \t]*(?:\([^()\n]{0,12}|,?[ \t]*(?:in|around|at)[ \t]+(?:the[ \t]+)?"
    r"(?:(?i:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?,?[ ](?:of[ ])?)?|,?[ \t]*)"
    r"(?P<cue>(?:(?:early|mid|late)[- ])?(?:19|20)\d\ds?|['’]\d\d|age[ \t]+\d{1,2})\b(?![ \t]*[/%-])",
)
_YEAR_BEFORE = re.compile(r"(?:^|[\s(,:;])(?P<cue>(?:19|20)\d\d)[ ]?[:\-–]?[ ](?:s/p[ ]|had[ ])?$")
_YEAR_REACH = 14
# `ear infection in May`, `lumpectomy was done on 1/27`, `day 6 after tonsillectomy`.
_MONTH_AFTER = re.compile(
    r",?[ ](?P<cue>(?:(?:was|were)[ ](?:done|performed|placed|removed)[ ](?:on|in)"
    r"[ ](?:\d{1,2}/\d{1,2}|[A-Z][a-z]{2,8}[ ]\d)"
    r"|(?:back[ ])?in[ ](?:late[ ]|early[ ])?(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?"
    r"|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)))\b"
)
_AFTER_WHICH = re.compile(
    r"\b(?P<cue>(?:\d+|an?|one|two|three|four|five|six|several|a few)[ -]"
    r"(?:hours?|days?|wks?|weeks?|mos?|months?|yrs?|years?)"
    r"[ ](?:after|following|since|out from|status post|s/p)|day[ ]\d+[ ](?:after|following))"
    r"[ ](?:(?:an?|the|his|her|their)[ ])?(?:[\w-]+[ ]and[ ])?$",
    re.IGNORECASE,
)
_AFTER_WHICH_REACH = 60
_SINCE = re.compile(r"[ ](?:after|following|since|out from|status post|s/p)[ ]", re.IGNORECASE)
# `Back in 1998 he was treated for`: a year that opens the sentence dates what happened, not what was found then.
_YEAR_OPENS = re.compile(r"[Ii]n (?P<cue>(?:19|20)\d\d)\b")
_OPENING = re.compile(r"(?:^|[.,\n])[ \t]*(?:back )?$", re.IGNORECASE)
_OPENING_REACH = 8
_FOUND = re.compile(r"[.;:\n]|\b(?:diagnos|found|since|beg[ai]n|develop)", re.IGNORECASE)
_YEAR_OPENS_REACH = 60
# `Allergic to sulfa (rash)`: what a drug once did.
_ALLERGY = re.compile(
    r"[AaIi](?i:llergic to|(?:llerg(?:y|ies)|ntoleran(?:t|ces?)|drs?|dverse (?:drug )?reactions?)(?: to| ?[:(-]))"
)
_CAUSE = re.compile(
    r"[^.\n]{0,60}?(?:->|→|=>|[:(–-]|\b(?:which|that|caus|gave|gives|leads|with|develop))[^.;\n)]{0,30}", re.IGNORECASE
)
_REACTION_REACH = 100
# `She underwent a bone marrow biopsy`: in a history that was before this visit, in a hospital course it was not.
_DONE = re.compile(r"[Uu]nder(?:went|gone)\b")
_DONE_ENDS = re.compile(
    r"[.;:\n]|\b(?:who|which|that|because|due to|show|reveal|demonstrat|is|was|presents?|presented)", re.IGNORECASE
)
_DONE_REACH = 160
_HISTORIES = frozenset(
    {
        SectionType.HISTORY_OF_PRESENT_ILLNESS.value,
        SectionType.INTERVAL_HISTORY.value,
        SectionType.SUBJECTIVE.value,
        SectionType.REASON_FOR_VISIT.value,
        SectionType.INDICATION.value,
    }
)


def read_past(text: str, mentions: Sequence[Mention]) -> None:
    """Mark what years and allergies put into the past; `mentions` are in text order."""
    begins = [mention.begin for mention in mentions]
    for mention in mentions:
        if mention.type in _DATED:
            _read_year(text, mention)
    _read_opening_years(text, mentions, begins)
    _read_done(text, mentions, begins)
    for allergy in _ALLERGY.finditer(text):
        for mention in _following(mentions, begins, allergy.end(), _REACTION_REACH):
            if mention.type == "PROBLEM" and _CAUSE.fullmatch(text, allergy.end() - 1, mention.begin):
                mark(mention, "historical", allergy.start(), len(allergy[0]), "historical.reaction")


def _read_opening_years(text: str, mentions: Sequence[Mention], begins: Sequence[int]) -> None:
    for year in _YEAR_OPENS.finditer(text):
        if not _OPENING.search(text[max(0, year.start() - _OPENING_REACH) : year.start()]):
            continue
        for mention in _following(mentions, begins, year.end(), _YEAR_OPENS_REACH):
            if mention.type in _DATED and not _FOUND.search(text, year.end(), mention.begin):
                mark(mention, "historical", year.start("cue"), 4, "historical.year")


def _read_done(text: str, mentions: Sequence[Mention], begins: Sequence[int]) -> None:
    for done in _DONE.finditer(text):
        for mention in _following(mentions, begins, done.end(), _DONE_REACH):
            if mention.type != "PROCEDURE" or mention.section not in _HISTORIES:
                continue
            if not mention.assertion.get("negated") and not _DONE_ENDS.search(text, done.end(), mention.begin):
                mark(mention, "historical", done.start(), len(done[0]), "historical.done")


def _following(mentions: Sequence[Mention], begins: Sequence[int], begin: int, reach: int) -> Sequence[Mention]:
    return mentions[bisect_left(begins, begin) : bisect_left(begins, begin + reach)]


def _read_year(text: str, mention: Mention) -> None:
    if mention.assertion.get("negated"):
        return
    offset = max(0, mention.begin - _AFTER_WHICH_REACH)
    if _SINCE.search(text, offset, mention.begin) and (found := _AFTER_WHICH.search(text, offset, mention.begin)):
        mark(mention, "historical", found.start("cue"), len(found["cue"]), "historical.since")
    if found := _MONTH_AFTER.match(text, mention.end):
        mark(mention, "historical", found.start("cue"), len(found["cue"]), "historical.month")
    offset = max(0, mention.begin - _YEAR_REACH)
    if found := _YEAR_BEFORE.search(text[offset : mention.begin]):
        mark(mention, "historical", offset + found.start("cue"), len(found["cue"]), "historical.year")
    if found := _YEAR_AFTER.match(text, mention.end):
        mark(mention, "historical", found.start("cue"), len(found["cue"]), "historical.year")
