"""Dates with a day or a month, and ages over 89; a year alone identifies nobody (45 CFR 164.514(b)(2)(i)(C))."""

import re
from typing import Final

from hctap_core.phi import PhiKind, PhiSpan
from hctap_nlp.phi.anchors import Anchor
from hctap_nlp.phi.shapes import Shape

_CLOCK: Final = r"(?:,?[ T](?:at )?\d{1,2}:\d{2}(?::\d{2})?(?:[ ]?[AaPp]\.?[Mm]\b\.?)?)?"
_YEAR: Final = r"(?:(?:19|20)\d\d|['’]?\d\d)"
_DAY: Final = r"(?:[12]\d|3[01]|0?[1-9])"
_NUMERIC: Final = re.compile(
    r"(?P<first>\d\d?)(?P<separator>[-/.])(?P<second>\d{1,2})(?P=separator)(?P<year>(?:19|20)\d\d|\d\d)(?![\w/-]|\.\d)"
    + _CLOCK
)
_ISO: Final = re.compile(r"(?:19|20)\d\d([-/.])(?P<first>\d\d?)\1(?P<second>\d\d?)(?!\d|[\w/-]*[/-]|\.\d)" + _CLOCK)
_MONTH_YEAR: Final = re.compile(r"(?:0?[1-9]|1[0-2])/(?:19|20)\d\d(?![\w/-]|\.\d)")
_MONTH_DAY: Final = re.compile(
    r"(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])(?![\w/%-]|\.\d"
    r"|[ ](?:strength|murmur|systolic|tab|mg|of|normal|NS|the)\b)"
)
_BEFORE_MONTH_DAY: Final = re.compile(r"\b(?:on|dated?:?|since|until|till|through|thru|as of|dos:?|dob:?) $")
_AFTER_MONTH: Final = re.compile(
    rf"\.?(?:[ ](?:the )?{_DAY}(?:st|nd|rd|th)?(?!\w|[./%]\d)(?:,?[ ]{_YEAR}(?!\w|[./%]))?"
    rf"|,?[ -](?:of )?(?:19|20)\d\d(?!\w)|-{_DAY}-{_YEAR}(?!\w))" + _CLOCK
)
_BEFORE_MONTH: Final = re.compile(rf"(?<![\w./]){_DAY}(?:st|nd|rd|th)?(?:[ ]day)?(?:[ ]of)?[ -]$", re.IGNORECASE)
_YEAR_AFTER: Final = re.compile(rf"\.?(?:,?[ -]{_YEAR}(?!\w|[./%]))?" + _CLOCK)
_AGE: Final = re.compile(
    r"(?P<age>9\d|1[0-2]\d)(?P<unit>[- ]{0,2}(?:years?|yrs?)[- ]{0,2}(?:old|of age|o\b)|[- ]?(?:y[./]?o\b\.?|y\.o\.))?"
    r"(?![\w/%]|\.\d|[ ](?:day|week|month|degree))",
    re.IGNORECASE,
)
_BEFORE_AGE: Final = re.compile(r"\b(?:aged?:?|age (?:of|is|at death)|turn(?:ed|ing|s)?|just turned) $")
_MONTHS: Final = 12
_DAYS: Final = 31
_AROUND: Final = 24


def read_month(text: str, anchor: Anchor) -> PhiSpan | None:
    """The date around the name of a month; None where only the name stands there, as `may` and `march` do."""
    if not text[anchor.begin].isupper():
        return None
    before = _BEFORE_MONTH.search(text, max(0, anchor.begin - _AROUND), anchor.begin)
    if before:
        after = _YEAR_AFTER.match(text, anchor.end)
        return PhiSpan(before.start(), after.end() if after else anchor.end, PhiKind.DATE)
    after = _AFTER_MONTH.match(text, anchor.end)
    return PhiSpan(anchor.begin, after.end(), PhiKind.DATE) if after else None


def _read_date(found: "re.Match[str]") -> PhiSpan | None:
    first, second = int(found["first"]), int(found["second"])
    year = found.groupdict().get("year")
    if year is not None and found["separator"] == "." and len(year) == 2:  # noqa: PLR2004 - 1.2.10 is a heading's number
        return None
    fits = _fits(first, second) or (year is not None and _fits(second, first))
    return PhiSpan(*found.span(), PhiKind.DATE) if fits else None


def _read_month_day(found: "re.Match[str]") -> PhiSpan | None:
    return PhiSpan(*found.span(), PhiKind.DATE) if _BEFORE_MONTH_DAY.search(_before(found)) else None


def _read_age(found: "re.Match[str]") -> PhiSpan | None:
    if found["unit"] or _BEFORE_AGE.search(_before(found)):
        return PhiSpan(*found.span("age"), PhiKind.AGE)
    return None


def _before(found: "re.Match[str]") -> str:
    return found.string[max(0, found.start() - _AROUND) : found.start()].lower()


def _fits(month: int, day: int) -> bool:
    return 1 <= month <= _MONTHS and 1 <= day <= _DAYS


DATE_SHAPES: Final = (
    Shape(PhiKind.DATE, [1, 2], _NUMERIC, _read_date),
    Shape(PhiKind.DATE, [4], _ISO, _read_date),
    Shape(PhiKind.DATE, [1, 2], _MONTH_YEAR),
    Shape(PhiKind.DATE, [1, 2], _MONTH_DAY, _read_month_day),
    Shape(PhiKind.AGE, [2, 3], _AGE, _read_age),
)
