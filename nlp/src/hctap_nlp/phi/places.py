"""Addresses of persons, in the street and on the network."""

import re
from collections.abc import Iterator
from typing import Any, Final

from hctap_core.phi import PhiKind, PhiSpan
from hctap_nlp.phi.anchors import Anchor
from hctap_nlp.phi.shapes import Reader, Shape

_URL: Final = re.compile(r"[^\s<>\"']{3,500}")
_DOMAIN: Final = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_LOCAL: Final = frozenset("._%+-'")
_TRAILING: Final = ".,;:!?)]}>'’\""
_LONGEST_LOCAL: Final = 64
_REST_OF_LINE: Final = re.compile(
    r"[ \t]{0,3}(?:is|was)?[ \t]{0,3}:[ \t]{0,4}(?P<rest>[^\n\r\t]{2,120}?)[ ]*(?=[\n\r\t]|$|[ ]{2}|[;|]"
    r"|[ ](?:City|State|Zip|ZIP|Phone|Tel|DOB|Sex|Age|MRN|Date)\b)"
)
_NONE: Final = re.compile(r"(?:none|unknown|n/?a|not |see |same|on file|as above)", re.IGNORECASE)
_WORD: Final = r"(?:[A-ZÀ-ÖØ-Þ](?:\.|[\w'’-]{1,2}\.|[\w'’-]{0,30}))"
_WORDS_BEFORE: Final = re.compile(rf"(?:{_WORD}[ ]){{1,4}}$")
_FLAT: Final = r"(?:,?\s{1,2}(?:Apt|Apartment|Suite|Ste|Unit|Floor|#)\.?[ ]?#?[\dA-Z][\dA-Za-z-]{0,5}\b)"
_FLAT_NUMBER: Final = re.compile(r"\.?[ ]#?\d{1,5}[A-Za-z]?\b")
_BOX_NUMBER: Final = re.compile(r"[ ]#?\d{1,6}\b(?:\s{1,2}(?:APO|FPO|DPO),?[ ]A[AEP][ ]\d{5}\b)?")
_BOX: Final = re.compile(r"\d{1,6},?[ ]Box[ ]\d{1,6}\b(?:\s{1,2}(?:APO|FPO|DPO),?[ ]A[AEP][ ]\d{5}\b)?")
_BEFORE_BOX: Final = ("Unit ", "PSC ", "CMR ")
_OPENED: Final = re.compile(
    rf"[ :]{{1,3}}(?P<rest>(?:\d{{1,6}}[A-Za-z]?[ ]{_WORD}(?:[ ]{_WORD}){{0,4}}"
    rf"|{_WORD}(?:[ ]{_WORD}){{0,3}}[ ]\d{{1,5}}[A-Za-z]?)\b)"
)
_AROUND: Final = 70
_SHORTEST_STREET: Final = 4


def place_shapes(tables: dict[str, Any]) -> Iterator[Shape]:
    """The shapes of addresses: number and street, street and number, box, town with state and ZIP code."""
    written = {form for word in tables["streets"] for form in (word.title(), word.upper())}
    streets = "|".join(sorted(written, key=lambda form: (-len(form), form)))
    states = "|".join(tables["states"].split())
    zip_code = r"\d{5}(?:-\d{4})?\b"
    town = rf"(?:,?\s{{1,3}}{_WORD}(?:[ ]{_WORD}){{0,3}}\s?,?\s{{1,2}}(?:{states})\b(?:,?\s{{1,2}}{zip_code})?)"
    yield Shape(
        PhiKind.ADDRESS,
        range(1, 7),
        re.compile(
            rf"\d{{1,6}}[A-Za-z]?(?:[ ]\d{{1,5}})?[ ](?:(?:N|S|E|W|NE|NW|SE|SW)\.?[ ])?"
            rf"(?:{_WORD}[ ]|\d{{1,3}}(?:st|nd|rd|th)[ ]){{1,4}}(?:{streets})\b\.?{_FLAT}{{0,2}}{town}?"
        ),
    )
    yield Shape(PhiKind.ADDRESS, range(1, 7), _BOX, _read_box)
    town_before = re.compile(rf"(?:{_WORD},?[ ]){{1,3}}(?:{states}),?[ ]{{1,2}}$")
    yield Shape(PhiKind.ADDRESS, [5], re.compile(zip_code), _reader_back(town_before))
    endings = tuple(tables["street_endings"])
    openers = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, tables['street_openers']))})[ ]$")
    house = re.compile(rf"\d{{1,5}}[A-Za-z]?\b(?![/%]|\.\d){_FLAT}{{0,2}}")
    yield Shape(PhiKind.ADDRESS, range(1, 6), house, _reader_of_street(endings, openers))


def _read_box(found: "re.Match[str]") -> PhiSpan | None:
    begin = found.start()
    for word in _BEFORE_BOX:
        if found.string.endswith(word, 0, begin):
            begin -= len(word)
            break
    return PhiSpan(begin, found.end(), PhiKind.ADDRESS)


def _reader_back(pattern: "re.Pattern[str]") -> Reader:
    def read(found: "re.Match[str]") -> PhiSpan | None:
        before = pattern.search(found.string, max(0, found.start() - _AROUND), found.start())
        return PhiSpan(before.start(), found.end(), PhiKind.ADDRESS) if before else None

    return read


def _reader_of_street(endings: tuple[str, ...], openers: "re.Pattern[str]") -> Reader:
    def read(found: "re.Match[str]") -> PhiSpan | None:
        text, begin = found.string, found.start()
        if begin < _SHORTEST_STREET or text[begin - 1] != " " or not text[begin - 2].isalpha():
            return None
        words = _WORDS_BEFORE.search(text, max(0, begin - _AROUND), begin)
        if words is None:
            return None
        opener = openers.search(text, max(0, words.start() - _AROUND), words.start())
        if opener is not None or openers.match(words[0].partition(" ")[0] + " "):
            return PhiSpan(opener.start() if opener else words.start(), found.end(), PhiKind.ADDRESS)
        last = words[0].split()[-1]
        if last.lower() in endings:
            return PhiSpan(words.start(), found.end(), PhiKind.ADDRESS) if last != words[0].strip() else None
        if last.lower().endswith(endings):
            return PhiSpan(begin - 1 - len(last), found.end(), PhiKind.ADDRESS)
        return None

    return read


def read_opened(text: str, anchor: Anchor) -> PhiSpan | None:
    """An address of any shape that a number begins or ends, after words that announce one (`lives at`)."""
    found = _OPENED.match(text, anchor.end)
    return PhiSpan(*found.span("rest"), PhiKind.ADDRESS) if found else None


def read_part(text: str, anchor: Anchor) -> PhiSpan | None:
    """A part of an address that its first word tells: `P.O. Box 12`, `Suite 5` after a comma or on its own line."""
    is_box = text.endswith(("x", "X"), anchor.begin, anchor.end)
    if (
        not is_box
        and anchor.begin
        and text[max(0, anchor.begin - 8) : anchor.begin].rstrip(" >\t")[-1:] not in {",", ";", "\n", ""}
    ):
        return None
    found = (_BOX_NUMBER if is_box else _FLAT_NUMBER).match(text, anchor.end)
    return PhiSpan(anchor.begin, found.end(), PhiKind.ADDRESS) if found else None


def read_line(text: str, anchor: Anchor) -> PhiSpan | None:
    """The rest of the line after a label such as `Address:`."""
    found = _REST_OF_LINE.match(text, anchor.end)
    if not found or _NONE.match(found["rest"]) or not any(c.isupper() or c.isdigit() for c in found["rest"]):
        return None
    if "@" in found["rest"] or "://" in found["rest"]:
        return None
    return PhiSpan(*found.span("rest"), PhiKind.ADDRESS)


def read_link(text: str, anchor: Anchor) -> PhiSpan | None:
    """A URL from its first characters on."""
    found = _URL.match(text, anchor.end)
    if not found:
        return None
    rest = found[0].rstrip(_TRAILING)
    return PhiSpan(anchor.begin, anchor.end + len(rest), PhiKind.URL) if "." in rest else None


def find_mail(text: str) -> Iterator[PhiSpan]:
    """E-mail addresses."""
    at = text.find("@")
    while at >= 0:
        begin = _begin_of_local(text, at)
        domain = _DOMAIN.match(text, at + 1)
        if begin < at and domain:
            yield PhiSpan(begin, domain.end(), PhiKind.EMAIL)
        at = text.find("@", at + 1)


def _begin_of_local(text: str, at: int) -> int:
    begin = at
    while begin > max(0, at - _LONGEST_LOCAL) and (text[begin - 1].isalnum() or text[begin - 1] in _LOCAL):
        begin -= 1
    while begin < at and not text[begin].isalnum():
        begin += 1
    return begin
