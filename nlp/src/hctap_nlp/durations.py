"""How long: what a sig says of it, and the same as ISO 8601 (`P7D`, `P2W`, `PT48H`)."""

import re
from typing import Final

_WORDS: Final = {
    word: number
    for number, words in enumerate(
        ["a|an|one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        start=1,
    )
    for word in words.split("|")
} | {"fourteen": 14, "thirty": 30}
_COUNT = rf"(?:\d{{1,3}}|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_UNIT = r"(?:hours?|hrs?|h|days?|d|weeks?|wks?|months?|mos?|years?|yrs?|doses?)"
DURATION: Final = re.compile(
    rf"""\b(?:for[ ](?:another[ ]|the[ ]next[ ]|a[ ]total[ ]of[ ]|at[ ]least[ ]|up[ ]to[ ])?|x[ ]?|×[ ]?|over[ ])
    (?P<span>{_COUNT}(?:[ ]?(?:-|–|to)[ ]?{_COUNT})?[ ]?(?:more[ ])?-?{_UNIT})\b
    |\b(?P<adjective>{_COUNT}[- ](?:day|week|month))(?=[ ](?:course|supply|trial|taper|regimen|burst))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ONE_LENGTH = re.compile(rf"(?P<count>{_COUNT})[ ]?(?:more[ ])?-?(?P<unit>[a-z]+)")
_DESIGNATORS = (("h", "PT{}H"), ("d", "P{}D"), ("w", "P{}W"), ("m", "P{}M"), ("y", "P{}Y"))


def length_of(said: str) -> str | None:
    """The ISO 8601 duration of a lower-case phrase; None for a range, or for a count of doses."""
    found = _ONE_LENGTH.fullmatch(said)
    if found is None or found["unit"].startswith("dose"):
        return None
    count = int(found["count"]) if found["count"].isdigit() else _WORDS[found["count"]]
    return next((form.format(count) for initial, form in _DESIGNATORS if found["unit"].startswith(initial)), None)
