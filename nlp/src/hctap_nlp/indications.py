"""What a drug is taken for as needed: the words after `prn`."""

import re
from collections.abc import Sequence

from hctap_nlp.extraction import Mention

_LINK = re.compile(r"[ \t]*[:(]?[ \t]*(?:(?:for|if)\b[ \t]*)?(?:(?:any|the|his|her|your)[ \t]+)?")
_ADJECTIVES = re.compile(r"(?:[A-Za-z-]+[ \t]+){0,2}")
_JOIN = re.compile(r"[ \t]*(?:,|/|&|\bor\b|\band\b|,[ \t]*or\b)[ \t]*(?:[A-Za-z-]+[ \t]+)?")
_WORDS = re.compile(
    r"(?:for|if)[ \t]+(?P<said>[A-Za-z][\w'/-]*(?:[ \t]+[A-Za-z][\w'/-]*){0,3})(?=[ \t]*(?:[.,;()\r\n]|$))"
)


def reason_after(text: str, begin: int, end: int, problems: Sequence[Mention]) -> str | None:
    """The reason that stands between `begin` and `end`, in lower case: problems, or the words after `for`."""
    link = _LINK.match(text, begin, end)
    start = link.end() if link else begin
    reach = None
    for problem in problems:
        if problem.begin < start:
            continue
        between = _ADJECTIVES if reach is None else _JOIN
        if problem.end > end or not between.fullmatch(text, start if reach is None else reach, problem.begin):
            break
        reach = problem.end
    if reach is not None:
        return _plain(text[start:reach])
    said = _WORDS.match(text, begin + len(text[begin:end]) - len(text[begin:end].lstrip(" \t(:")), end)
    return _plain(said["said"]) if said else None


def _plain(said: str) -> str:
    return re.sub(r"\s+", " ", said.lower())
