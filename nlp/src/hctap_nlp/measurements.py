"""A test's result: value, unit, flag and reference range, each with its span; a unit's norm is its UCUM code."""

import re
from collections.abc import Sequence

from hctap_nlp.extraction import FoundAttribute, Mention
from hctap_nlp.units import UnitTable

_REACH = 80
_FEWEST_CELLS = 2

# What may stand between a test's name and its value: `(fasting) level was about`.
_LINK = r"""
    (?:[ \t]*\([A-Za-z0-9 /]{1,16}\))?
    (?:[ \t]+(?:level|count|score|index|today|now|result|reading|on[ ]admission|in[ ]clinic|fasting|total
        |on[ ](?:room[ ]air|RA)\b|(?:an?|one|two|three|several|\d+)[ ](?:week|month|year)s?[ ]ago
        |last[ ](?:week|month|year)|yesterday))?
    (?:[ \t]*(?:[:=,|~]|-(?=[ \t]*\d)
        |\b(?:of|was|is|are|at|to|were|on|showed|measured|came[ ]back|returned|remain(?:s|ed)?|appear(?:s|ed)?|down[ ]to
            |up[ ]to|(?:has|have|had)[ ]been|being|to[ ]be|as|stabilized|reveal(?:s|ed)|demonstrated|grossly|essentially
            |otherwise|also|all|both|fully|entirely|generally|basically|completely|still|again|currently|overall|bilaterally
            |(?:noted|found|recorded|measured|documented|reported|estimated|calculated)(?:[ ](?:to[ ]be|at|as))?)\b))*
    [ \t]*(?:~|approximately[ ]|about[ ]|around[ ])?
"""
_NUMERIC = r"""
    \d[ ]?(?:feet|foot|ft\.?|'|’),?[ ]?\d{1,2}(?:[ ]1/2|\.\d)?[ ]?(?:inch(?:es)?\b|in\b|"|''|”)  # of a height
    |[1-5][ ]?\+[ ]?[1-5](?![\d/])                                                     # of a Gleason score
    |[<>≤≥]?[ \t]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[+-](?=/\d))?
    (?:[ \t]?/[ \t]?\d+(?:\.\d+)?(?:[+-](?![\d\w]))?)?
    (?:[ \t]?(?:-|–|to)[ \t]?\d+(?:\.\d+)?)?\+?
"""
_WORDED = r"""
    non-?reactive|negative|positive|within[ ]normal[ ]limits|wnl|reactive|trace|undetectable|not[ ]detected|detected
    |neg\b|pos\b|(?:large|small|moderate)(?=[ \t]*[,;.\n])|(?:a[ ])?(?:normal[ ])?sinus[ ]rhythm
    |(?:normal|nl\b|unremarkable|intact|full|(?:normo|hypo|hyper)?active|(?:ir)?regular|reactive|appropriate|unlabored
        |stable|equal|symmetric(?:al)?|good|brisk|absent|equivocal|flexor|extensor|down-?going|up-?going
        |pending|no[ ]growth|not[ ]elicited|within[ ]normal|[1-4]\+)
    (?:[ ]and[ ](?:normal|intact|full|stable|equal|symmetric(?:al)?|reactive|regular|unlabored)\b)?
"""
# `LFTs have been markedly elevated`
_LONE_FLAG = re.compile(
    r"(?:[ ](?:level|count)s?)?[ ](?:is|are|was|were|(?:has|have|had)[ ]been|remain(?:s|ed)?)[ ]"
    r"(?:(?:markedly|mildly|slightly|moderately|significantly|quite|very|still|somewhat|also|persistently)[ ])*"
    r"(?P<flag>elevated|high|low|increased|decreased|abnormal|depressed)\b",
    re.IGNORECASE,
)
_FLAG = r"\((?:hh?|ll?|high|low|\*|abnormal|critical|normal)\)|\b(?:high|low|elevated)\b|(?-i:\b(?:HH?|LL?)\b)|\*"
_RANGE = r"""
    [\[(][ \t]*(?:ref(?:erence)?\.?(?:[ \t]range)?:?|normal:?|nl:?|range:?)?[ \t]*
    (?P<range>(?:[<>≤≥][ \t]?)?\d+(?:\.\d+)?(?:[ \t]?(?:-|–|to)[ \t]?\d+(?:\.\d+)?)?)(?:[ ]?[a-z/]{1,8})?[\])]
    |,?[ \t]*(?:normal|nl|ref(?:erence)?)\.?[ \t]*(?:range|interval)?:?[ \t]*
    (?P<bare_range>[<>≤≥][ \t]?\d+(?:\.\d+)?|\d+(?:\.\d+)?[ \t]?(?:-|–|to)[ \t]?\d+(?:\.\d+)?)
"""
# `dropped from 11.4 to 8.1`: two values, not a range.
_SINGLE = r"\d+(?:,\d{3})*(?:\.\d+)?"
_CHANGE = r"""
    (?:[ ](?:level|count|has|had|have|then|also|gradually|slowly|acutely|slightly))*[ ]
    (?:(?:dropp?(?:ed|ing)?|drifted|fell|fallen|rose|risen|increased|decreased|went|gone|improved|worsened|declined|trended
        |came|come|climbed|changed)[ ](?:up[ ]|down[ ])?|(?:(?:is|was|were)[ ])?(?:up|down)[ ])from[ ]
"""
_DATE = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|0?\d/\d{1,2}(?![\d/])|1[0-2]/\d{2}(?![\d/])")
_FLOW = re.compile(
    r"\d+(?:\.\d+)?[ ]?-?[ ]?L(?:iters?)?(?:/min)?[ ](?:of|O2|oxygen|by|via|nasal|NC|n\.c)\b", re.IGNORECASE
)
# `AST and ALT 60 and 50`
_NAMES_TWO = re.compile(r"\band\b|&", re.IGNORECASE)
_SECOND = re.compile(r"[ ]+and[ ]+(?P<value>\d+(?:\.\d+)?)(?![\w.]*\d)(?!\w)")
_TOGETHER = re.compile(r",?[ ](?:and|&)[ ]", re.IGNORECASE)
_LISTED = re.compile(r",[ ]|[ ](?:and|&)[ ]", re.IGNORECASE)
_FLAG_BEFORE = re.compile(r"\b(?P<flag>elevated|low|high|decreased|increased|raised|abnormal)[ \t]+$", re.IGNORECASE)
# A result before its test: `160 degrees of flexion`, `4+/5 strength`, `a positive Romberg sign`.
_BEFORE = re.compile(
    r"(?:(?P<value>\d{1,3})[ ](?P<unit>degrees)[ ]of[ ]|\b(?P<graded>[0-5][+-]?/[0-5]|[0-4]\+)[ ]"
    r"|\b(?P<word>positive|negative|trace|few|(?:stable|(?:normo|hypo|hyper)?active|appropriate|regular|normal|intact|full"
    r"|good|symmetric|equal)(?:[ ]and[ ](?:normal|equal|intact|symmetric))?)[ ])$",
    re.IGNORECASE,
)
# `16 segs, 6 bands`: of a differential count the number stands before its cells.
_CELLS = frozenset(
    "bands lymphocytes neutrophils monocytes eosinophils basophils blasts metamyelocytes myelocytes".split()  # noqa: SIM905
)
_COUNTED = re.compile(
    r"(?:(?:\b(?:with|and|of|shows?|showed|showing|has|had|was)|[,:;(])[ ]|^|\n)"
    r"(?P<value>\d{1,2}(?:\.\d+)?)(?:[ ]?(?P<unit>%))?[ ]$",
    re.IGNORECASE,
)
# A row of a table: cells parted by tabs or two spaces; after the name come values with unit and flag, and a range.
_GAP = re.compile(r"(?:[ ]{2,}|[ ]*\t[ \t]*)")
_RANGE_CELL = re.compile(r"[\[(]?(?P<range>(?:[<>≤≥][ ]?\d+(?:\.\d+)?|\d+(?:\.\d+)?[ ]?[-–][ ]?\d+(?:\.\d+)?))[\])]?")
_KINDS = {"value": "VALUE", "unit": "UNIT", "flag": "FLAG", "only_unit": "UNIT", "only_flag": "FLAG"}
_GROUPS = (
    ("early", "FLAG"),
    ("value", "VALUE"),
    ("word", "VALUE"),
    ("unit", "UNIT"),
    ("flag", "FLAG"),
    ("range", "REFERENCE_RANGE"),
    ("bare_range", "REFERENCE_RANGE"),
)
_CHANGES = (("value", "VALUE"), ("unit", "UNIT"), ("later", "VALUE"), ("last", "UNIT"))
_COUNTS = (("value", "VALUE"), ("unit", "UNIT"))
_BEFORES = (("value", "VALUE"), ("graded", "VALUE"), ("word", "VALUE"), ("unit", "UNIT"))


class ResultReader:
    """Reads results around test mentions by the unit table."""

    def __init__(self, units: UnitTable) -> None:
        self._units = units
        self._result = re.compile(
            rf"""{_LINK}
            (?:(?:(?:a[ ]little|a[ ]bit|slightly|mildly)[ ])?
                (?P<early>high|low|elevated|normal(?=[ ](?:then[ ])?at[ ]\d))[ \t]+(?:then[ ])?(?:at[ \t]+)?)?
            (?:(?P<value>{_NUMERIC})(?:[ \t]?-?(?P<unit>{units.pattern})(?![a-z0-9])|(?!\w|\.\d))
                |(?P<word>{_WORDED})(?![a-z0-9]))
            (?:[ \t]*(?:,|and)?[ \t]*(?P<flag>{_FLAG}))?
            (?:[ \t]*(?:{_RANGE}))?
            """,
            re.IGNORECASE | re.VERBOSE,
        )
        self._change = re.compile(
            rf"""{_CHANGE}(?P<value>{_SINGLE})(?!\w)(?:[ ]?(?P<unit>{units.pattern})(?![a-z0-9]))?
            [ ]+(?:up[ ]|down[ ]|back[ ])?to[ ]+(?P<later>{_SINGLE})(?!\w)(?:[ ]?(?P<last>{units.pattern})(?![a-z0-9]))?
            """,
            re.IGNORECASE | re.VERBOSE,
        )
        self._cell = re.compile(
            rf"""(?P<value>{_NUMERIC})(?!\w)(?:[ ]?(?P<unit>{units.pattern})(?![a-z0-9]))?(?:[ ]*(?P<flag>{_FLAG}))?
            |(?P<only_unit>{units.pattern})|(?P<only_flag>{_FLAG})""",
            re.IGNORECASE | re.VERBOSE,
        )

    def read(self, text: str, mentions: Sequence[Mention]) -> None:
        """Give each test the result that stands directly after it, or before it, and the flag directly before it."""
        for number, mention in enumerate(mentions):
            if mention.type != "TEST":
                continue
            after = mentions[number + 1].begin if number + 1 < len(mentions) else len(text)
            line_end = text.find("\n", mention.end)
            line_end = line_end if line_end >= 0 else len(text)
            if self._read_row(text, mention, min(after, line_end)):
                continue
            end = min(after, mention.end + _REACH, line_end)
            self._read_prose(text, mention, end)
            if number and mentions[number - 1].type == "TEST" and not mentions[number - 1].attributes:
                self._share(text, mentions[number - 1], mention, end)
                _share_word(text, mentions, number)

    def _read_prose(self, text: str, mention: Mention, end: int) -> None:
        counted = _COUNTED.search(text, max(0, mention.begin - 16), mention.begin) if mention.norm in _CELLS else None
        if counted is not None:
            self._give(mention, counted, _COUNTS)
        elif match := self._change.match(text, mention.end, end):
            self._give(mention, match, _CHANGES)
        elif (match := self._result_after(text, mention.end, end)) and not (_is_date(match) or _is_flow(match)):
            self._give(mention, match, _GROUPS)
            if match["value"] is not None and _NAMES_TWO.search(text, mention.begin, mention.end):
                self._read_second(text, mention, match.end(), end)
        elif before := _BEFORE.search(text, max(0, mention.begin - 20), mention.begin):
            self._give(mention, before, _BEFORES)
        if any(attribute.type == "FLAG" for attribute in mention.attributes):
            return
        if lone := _LONE_FLAG.match(text, mention.end, end):
            mention.attributes.append(FoundAttribute("FLAG", *lone.span("flag"), lone["flag"].lower()))
            return
        if before := _FLAG_BEFORE.search(text, max(0, mention.begin - 12), mention.begin):
            mention.attributes.insert(0, FoundAttribute("FLAG", *before.span("flag"), before["flag"].lower()))

    def _read_second(self, text: str, mention: Mention, begin: int, end: int) -> None:
        if second := _SECOND.match(text, begin, end):
            self._give(mention, second, (("value", "VALUE"),))

    def _share(self, text: str, first: Mention, second: Mention, end: int) -> None:
        """Give two tests that are named together one value each (`BUN and creatinine 20 and 1.2`)."""
        if not _TOGETHER.fullmatch(text, first.end, second.begin):
            return
        values = [attribute for attribute in second.attributes if attribute.type == "VALUE"]
        if len(values) != 1:
            return
        if values[0].begin < second.end or not _SECOND.match(text, second.attributes[-1].end, end):
            return
        first.attributes[:], second.attributes[:] = second.attributes, []
        self._read_second(text, second, first.attributes[-1].end, end)

    def _result_after(self, text: str, begin: int, end: int) -> re.Match[str] | None:
        """The result at `begin`; a look ahead sees the next mention's first character, of which none is taken."""
        match = self._result.match(text, begin, min(end + 1, len(text)))
        return match if match is None or match.end() <= end else self._result.match(text, begin, end)

    def _read_row(self, text: str, mention: Mention, end: int) -> bool:
        """Read the cells after the name where the line is a table's row of at least two cells; say whether it is."""
        gap = _GAP.match(text, mention.end, end)
        if gap is None:
            return False
        found: list[FoundAttribute] = []
        cells = 0
        while gap is not None:
            begin = gap.end()
            gap = _GAP.search(text, begin, end)
            stop = gap.start() if gap is not None else end
            cells += self._read_cell(text, begin, stop - len(text[begin:stop]) + len(text[begin:stop].rstrip()), found)
        if cells < _FEWEST_CELLS:
            return False
        mention.attributes.extend(found)
        return True

    def _read_cell(self, text: str, begin: int, end: int, found: list[FoundAttribute]) -> bool:
        has_value = any(attribute.type == "VALUE" for attribute in found)
        if has_value and (span := _RANGE_CELL.fullmatch(text, begin, end)):
            found.append(FoundAttribute("REFERENCE_RANGE", *span.span("range"), span["range"]))
            return True
        match = self._cell.fullmatch(text, begin, end)
        if match is None:
            return False
        for group, kind in _KINDS.items():
            if said := match[group]:
                found.append(FoundAttribute(kind, *match.span(group), self._norm(kind, said)))
        return True

    def _give(self, mention: Mention, match: re.Match[str], groups: Sequence[tuple[str, str]]) -> None:
        for group, kind in groups:
            if found := match[group]:
                begin = match.start(group) + len(found) - len(found.lstrip())
                end = match.end(group) - len(found) + len(found.rstrip())
                mention.attributes.append(FoundAttribute(kind, begin, end, self._norm(kind, found.strip())))
        mention.attributes.sort(key=lambda attribute: attribute.begin)

    def _norm(self, kind: str, said: str) -> str | None:
        return self._units.code_of(said) if kind == "UNIT" else said.lower()


def _share_word(text: str, mentions: Sequence[Mention], number: int) -> None:
    """Give the tests of a list the word that stands behind its last one (`sodium, potassium and chloride normal`)."""
    last, joint = mentions[number], _TOGETHER
    found = [attribute for attribute in last.attributes if attribute.type == "VALUE"]
    if len(found) != len(last.attributes) or len(found) != 1:
        return
    if found[0].begin < last.end or any(char.isdigit() for char in found[0].norm or ""):
        return
    for place in range(number - 1, -1, -1):
        test = mentions[place]
        if test.type != "TEST" or test.attributes or not joint.fullmatch(text, test.end, mentions[place + 1].begin):
            return
        test.attributes.append(found[0])
        joint = _LISTED


def _is_flow(match: re.Match[str]) -> bool:
    """Whether a number is how much oxygen a test was done on (`ABG on 2 L of oxygen`)."""
    return match["value"] is not None and _FLOW.match(match.string, match.start("value")) is not None


def _is_date(match: re.Match[str]) -> bool:
    return match["value"] is not None and _DATE.match(match.string, match.start("value")) is not None
