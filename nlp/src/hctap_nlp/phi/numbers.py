"""Identifiers made of digits: by the label before them, by their shape, by their checksum."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from hctap_core.phi import PhiKind, PhiSpan
from hctap_nlp.phi.anchors import Anchor
from hctap_nlp.phi.checksums import is_card, is_dea, is_gtin, is_iban, is_ssn
from hctap_nlp.phi.shapes import Shape, judged

_EXTENSION: Final = r"(?:[ ]?(?:x|ext\.?)[ ]?\d{1,6})?(?![\w-]|\.\d)"
# https://www.cms.gov/medicare/new-medicare-card/understanding-the-mbi-format.pdf
_MBI: Final = (
    r"[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?[AC-HJKMNP-RT-Y]{2}\d\d(?!\w)"
)
_FEWEST_TRUNK: Final = 8


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _read_ip(found: "re.Match[str]") -> PhiSpan | None:
    return PhiSpan(*found.span(), PhiKind.IP) if _is_address(found[0]) else None


def _read_trunk(found: "re.Match[str]") -> PhiSpan | None:
    digits = sum(map(str.isdigit, found[0]))
    return PhiSpan(*found.span(), PhiKind.PHONE) if digits > _FEWEST_TRUNK else None


NUMBER_SHAPES: Final = (
    Shape(PhiKind.SSN, [3], re.compile(r"\d{3}-\d\d-\d{4}(?![\w-])"), judged(PhiKind.SSN, is_ssn)),
    # North America: 617-555-0123, (617) 555-0123, +1 617 555 0123
    Shape(PhiKind.PHONE, [3], re.compile(r"(?:\(\d{3}\)[ ]?|\d{3}[-. ])\d{3}[-. ]\d{4}" + _EXTENSION)),
    Shape(
        PhiKind.PHONE,
        [1, 3],
        re.compile(r"(?:\+?1|001)[-. ](?:\(\d{3}\)[ ]?|\d{3}[-. ])\d{3}[-. ]\d{4}" + _EXTENSION),
    ),
    # Elsewhere: with the country's code, or with the zero of trunk calls
    Shape(
        PhiKind.PHONE,
        range(1, 14),
        re.compile(r"\+[1-9]\d{0,2}[ -]?(?:\(\d{1,4}\)[ -]?)?\d(?:[ -]?\d){5,12}" + _EXTENSION),
    ),
    Shape(PhiKind.PHONE, range(2, 6), re.compile(r"0\d{1,4}[ -]\d{2,4}(?:[ -]\d{2,4}){1,3}" + _EXTENSION), _read_trunk),
    Shape(PhiKind.PHONE, [2], re.compile(r"0\d(?:\.\d\d){4}" + _EXTENSION)),
    Shape(
        PhiKind.ACCOUNT,
        [4, *range(12, 20)],
        re.compile(r"\d(?:[ -]?\d){11,18}(?![\w-])"),
        judged(PhiKind.ACCOUNT, is_card),
    ),
    Shape(PhiKind.ACCOUNT, [1], re.compile(_MBI)),
    Shape(
        PhiKind.ACCOUNT,
        range(2, 20),
        re.compile(r"[A-Za-z]{2}\d\d(?:[ ]?[A-Za-z0-9]{4}){2,7}(?:[ ]?[A-Za-z0-9]{1,3})?(?!\w)"),
        judged(PhiKind.ACCOUNT, is_iban),
        lead=2,
    ),
    Shape(PhiKind.LICENSE, [7], re.compile(r"[A-Z]{2}\d{7}(?!\w)"), judged(PhiKind.LICENSE, is_dea), lead=2),
    Shape(
        PhiKind.DEVICE,
        [2],
        re.compile(r"\(01\)\d{14}(?!\d)(?:\((?:10|11|17|21)\)[A-Za-z0-9-]{1,20}){0,4}"),
        judged(PhiKind.DEVICE, is_gtin),
    ),
    Shape(PhiKind.IP, [1, 2, 3], re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)"), _read_ip),
)

_BETWEEN: Final = (
    r"[ \t]{0,2}(?i:(?:no|number|num|nr|id)\b\.?)?[ \t]{0,2}(?i:(?:is|was|at|on|of)\b)?"
    r"[ \t]{0,2}[:#=.)-]{0,2}[ \t]{0,3}#?"
)
_AFTER_LABEL: Final = re.compile(
    _BETWEEN + r"(?P<id>(?=[A-Z\d/-]{0,24}\d)[A-Z\d][A-Z\d/-]{2,24}(?:[ ]\d{2,6}){0,4})(?!\w)"
)
_PHONE_AFTER_LABEL: Final = re.compile(
    _BETWEEN + r"(?P<id>[\d(+][\d() .-]{4,18}\d(?:[ ]?(?:x|ext\.?)[ ]?\d{1,6})?)(?!\w)"
)
_REACH: Final = 80
_FEWEST: Final = {PhiKind.SSN: 9, PhiKind.MRN: 4, PhiKind.PHONE: 7, PhiKind.FAX: 7}
_FEWEST_OTHERWISE: Final = 5
_DATE_LIKE: Final = re.compile(r"\d{1,4}[/-]\d{1,2}[/-]\d{1,4}")
_MAC: Final = re.compile(r"[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])")
_MAC_BEGINS: Final = re.compile(r"[:-][0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-]")
_IPV6: Final = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4}(?![\w:])")
_IPV6_BEGINS: Final = re.compile(r":[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:?[0-9A-Fa-f]")


def read_labelled(text: str, anchor: Anchor) -> PhiSpan | None:
    """The number that a label announces."""
    pattern = _PHONE_AFTER_LABEL if anchor.kind in {PhiKind.PHONE, PhiKind.FAX} else _AFTER_LABEL
    found = pattern.match(text, anchor.end, anchor.end + _REACH)
    if not found or _DATE_LIKE.fullmatch(found["id"]):
        return None
    if sum(map(str.isdigit, found["id"])) < _FEWEST.get(anchor.kind, _FEWEST_OTHERWISE):
        return None
    return PhiSpan(*found.span("id"), anchor.kind)


def find_machines(text: str) -> Iterator[PhiSpan]:
    """Addresses of machines with colons: MAC and IPv6."""
    if _MAC_BEGINS.search(text):
        for found in _MAC.finditer(text):
            yield PhiSpan(*found.span(), PhiKind.DEVICE)
    if _IPV6_BEGINS.search(text):
        for found in _IPV6.finditer(text):
            if _is_address(found[0]):
                yield PhiSpan(*found.span(), PhiKind.IP)
