"""A test's result: value, unit, flag and reference range, each with its span.

Units are those of laboratory and vital-sign reports as notes write them; the case-sensitive form is UCUM's
(https://ucum.org) where one is known.
"""

import re
from collections.abc import Sequence

from hctap_nlp.extraction import FoundAttribute, Mention

_REACH = 80
_FEWEST_CELLS = 2

# What may stand between a test's name and its value: `(fasting) level was about`.
_LINK = r"""
    (?:[ \t]*\([A-Za-z0-9 /]{1,16}\))?
    (?:[ \t]+(?:level|count|score|index|today|now|result|reading|on[ ]admission|in[ ]clinic|fasting|total))?
    (?:[ \t]*(?:[:=,|~]|-(?=[ \t]*\d)
        |\b(?:of|was|is|at|to|were|on|showed|measured|came[ ]back|returned|remains|down[ ]to|up[ ]to)\b))*
    [ \t]*(?:~|approximately[ ]|about[ ]|around[ ])?
"""
_NUMERIC = r"""
    [<>≤≥]?[ \t]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?
    (?:[ \t]?/[ \t]?\d+(?:\.\d+)?)?
    (?:[ \t]?(?:-|–|to)[ \t]?\d+(?:\.\d+)?)?\+?
"""
_WORDED = r"""
    non-?reactive|negative|positive|within[ ]normal[ ]limits|wnl|reactive|trace|undetectable|not[ ]detected|detected
    |neg\b|pos\b|normal|nl\b|unremarkable|intact|pending|no[ ]growth|[1-4]\+
"""
_UNIT = r"""
    mm[ \t]?hg|mg/dl|g/dl|g/l|mmol/l|meq/l|m?cg/dl|[uµ]g/dl|ng/ml|pg/ml|ng/l|ng/dl|[uµ]mol/l|m?iu/m?l|[uµ]iu/ml|m?cg/ml
    |u/l|units/l|k/[uµ]l|m/[uµ]l|/[uµ]l|x?[ ]?10[\^*]?[0-9]+/[uµ]?l|/?mm3|/hpf|/lpf|cells/[uµ]l|mm/hr?
    |ml/min(?:/1\.73[ \t]?m[2²])?
    |bpm|beats[ ]per[ ]minute|/min|breaths(?:[ ]per[ ]minute|/min)
    |degrees(?:[ ](?:fahrenheit|celsius|f|c))?|°[ \t]?[fc]?
    |%|percent|kg/m[2²]|kg|lbs?|pounds|cmh2o|cm|mm|inches|in|ms|msec|seconds|sec|fl|pg|mg/g|mg|g|l/min|ml
    |cm[2²]|mosm/kg
    |years|weeks|days|copies/ml|s|f|c
"""
_FLAG = r"\((?:hh?|ll?|high|low|\*|abnormal|critical|normal)\)|\b(?:high|low|elevated)\b|(?-i:\b(?:HH?|LL?)\b)|\*"
_RANGE = r"""
    [\[(][ \t]*(?:ref(?:erence)?\.?(?:[ \t]range)?:?|normal:?|nl:?|range:?)?[ \t]*
    (?P<range>(?:[<>≤≥][ \t]?)?\d+(?:\.\d+)?(?:[ \t]?(?:-|–|to)[ \t]?\d+(?:\.\d+)?)?)(?:[ ]?[a-z/]{1,8})?[\])]
"""
_RESULT = re.compile(
    rf"""{_LINK}
    (?:(?:(?:a[ ]little|a[ ]bit|slightly|mildly)[ ])?(?P<early>high|low|elevated)[ \t]+(?:at[ \t]+)?)?
    (?:(?P<value>{_NUMERIC})(?!\w)(?:[ \t]?-?(?P<unit>{_UNIT})(?![a-z0-9]))?|(?P<word>{_WORDED})(?![a-z0-9]))
    (?:[ \t]*,?[ \t]*(?P<flag>{_FLAG}))?
    (?:[ \t]*{_RANGE})?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DATE = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|0?\d/\d{1,2}(?![\d/])|1[0-2]/\d{2}(?![\d/])")
_FLAG_BEFORE = re.compile(r"\b(?P<flag>elevated|low|high|decreased|increased|raised|abnormal)[ \t]+$", re.IGNORECASE)
# A result before its test: `160 degrees of flexion`, `4+/5 strength`, `a positive Romberg sign`.
_BEFORE = re.compile(
    r"(?:(?P<value>\d{1,3})[ ](?P<unit>degrees)[ ]of[ ]|\b(?P<graded>[0-5][+-]?/[0-5]|[0-4]\+)[ ]"
    r"|\b(?P<word>positive|negative)[ ])$",
    re.IGNORECASE,
)
# A row of a table: cells parted by tabs or two spaces; after the name come values with unit and flag, and a range.
_GAP = re.compile(r"(?:[ ]{2,}|[ ]*\t[ \t]*)")
_CELL = re.compile(
    rf"""(?P<value>{_NUMERIC})(?!\w)(?:[ ]?(?P<unit>{_UNIT})(?![a-z0-9]))?(?:[ ]*(?P<flag>{_FLAG}))?
    |(?P<only_unit>{_UNIT})|(?P<only_flag>{_FLAG})""",
    re.IGNORECASE | re.VERBOSE,
)
_RANGE_CELL = re.compile(r"[\[(]?(?P<range>(?:[<>≤≥][ ]?\d+(?:\.\d+)?|\d+(?:\.\d+)?[ ]?[-–][ ]?\d+(?:\.\d+)?))[\])]?")
_KINDS = {"value": "VALUE", "unit": "UNIT", "flag": "FLAG", "only_unit": "UNIT", "only_flag": "FLAG"}
_GROUPS = (
    ("early", "FLAG"),
    ("value", "VALUE"),
    ("word", "VALUE"),
    ("unit", "UNIT"),
    ("flag", "FLAG"),
    ("range", "REFERENCE_RANGE"),
)


def read_results(text: str, mentions: Sequence[Mention]) -> None:
    """Give each test the result that stands directly after it, and the flag directly before it."""
    for number, mention in enumerate(mentions):
        if mention.type != "TEST":
            continue
        after = mentions[number + 1].begin if number + 1 < len(mentions) else len(text)
        line_end = text.find("\n", mention.end)
        line_end = line_end if line_end >= 0 else len(text)
        end = min(after, mention.end + _REACH, line_end)
        if _read_row(text, mention, min(after, line_end)):
            continue
        if (match := _RESULT.match(text, mention.end, end)) and not _is_date(match):
            _give(mention, match)
        elif before := _BEFORE.search(text, max(0, mention.begin - 20), mention.begin):
            for name, kind in (("value", "VALUE"), ("graded", "VALUE"), ("word", "VALUE"), ("unit", "UNIT")):
                if before[name]:
                    mention.attributes.append(FoundAttribute(kind, *before.span(name), before[name].lower()))
        elif before := _FLAG_BEFORE.search(text, max(0, mention.begin - 12), mention.begin):
            mention.attributes.append(FoundAttribute("FLAG", *before.span("flag"), before["flag"].lower()))


def _read_row(text: str, mention: Mention, end: int) -> bool:
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
        cells += _read_cell(text, begin, stop - len(text[begin:stop]) + len(text[begin:stop].rstrip()), found)
    if cells < _FEWEST_CELLS:
        return False
    mention.attributes.extend(found)
    return True


def _read_cell(text: str, begin: int, end: int, found: list[FoundAttribute]) -> bool:
    has_value = any(attribute.type == "VALUE" for attribute in found)
    if has_value and (span := _RANGE_CELL.fullmatch(text, begin, end)):
        found.append(FoundAttribute("REFERENCE_RANGE", *span.span("range"), span["range"]))
        return True
    match = _CELL.fullmatch(text, begin, end)
    if match is None:
        return False
    for group, kind in _KINDS.items():
        if match[group]:
            found.append(FoundAttribute(kind, *match.span(group), match[group].lower()))
    return True


def _is_date(match: re.Match[str]) -> bool:
    return match["value"] is not None and _DATE.match(match.string, match.start("value")) is not None


def _give(mention: Mention, match: re.Match[str]) -> None:
    for group, kind in _GROUPS:
        if found := match[group]:
            begin = match.start(group) + len(found) - len(found.lstrip())
            end = match.end(group) - len(found) + len(found.rstrip())
            mention.attributes.append(FoundAttribute(kind, begin, end, found.strip().lower()))
    mention.attributes.sort(key=lambda attribute: attribute.begin)
