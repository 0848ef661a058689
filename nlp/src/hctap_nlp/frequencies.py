"""How often: phrases and patterns of a sig as a rate, such as `2/d` (twice a day), `1/wk`, `1/2d` (every other day)."""

import re
from collections.abc import Mapping
from typing import Any

_WORDS = {
    "one": 1,
    "once": 1,
    "two": 2,
    "twice": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "ten": 10,
    "eight": 8,
    "twelve": 12,
    "other": 2,
}
_COUNT = r"\d{1,3}|one|two|three|four|six|seven|eight|ten|twelve"
EVERY = re.compile(
    rf"""\b(?:q\.?[ ]?|every[ ]|each[ ])(?P<low>{_COUNT}|other)?[ ]?(?:(?:-|–|to)[ ]?(?P<high>{_COUNT})[ ]?)?-?
    (?P<unit>hours?|hrs?|h(?!\.[ ]?s\b)|days?|d|weeks?|wks?|months?|minutes?|min)\b\.?
    """,
    re.IGNORECASE | re.VERBOSE,
)
TIMES = re.compile(
    rf"""\b(?P<count>{_COUNT}|five|once|twice)[ ]?(?:times?|x|×)?[ ]?
    (?:(?:-|–|to)[ ]?(?P<high>\d{{1,2}}|three|four|five|six)[ ]?(?:times?|x)?[ ]?)?
    (?:(?:/|per[ ]|a[ ]|each[ ]|every[ ]|an[ ])[ ]?(?P<unit>day|d|week|wk|month|hour)
        |(?:(?<=x)|(?<=x[ ]))[ ]?(?P<adverb>daily|day|weekly))\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SHORT = {"day": "d", "d": "d", "week": "wk", "wk": "wk", "month": "mo", "hour": "h", "daily": "d", "weekly": "wk"}
_HOURS = frozenset({"hour", "hr", "h"})
_MINUTES_A_DAY = 1440
_HOURS_A_DAY = 24


class FrequencyTable:
    """Phrases of the regimen table with their rates; patterns are read where no phrase fits."""

    def __init__(self, table: Mapping[Any, Any]) -> None:
        self.phrases = {str(phrase).lower(): str(rate) for phrase, rate in table.items()}
        self._bare = {_bare(phrase): rate for phrase, rate in self.phrases.items()}

    def rate_of(self, said: str) -> str | None:
        """The rate of a lower-case phrase, or None where the table knows none."""
        if rate := self.phrases.get(said) or self._bare.get(_bare(said)):
            return rate
        if found := EVERY.fullmatch(said):
            return _rate_of_every(found["low"], found["high"], found["unit"])
        if found := TIMES.fullmatch(said):
            low, high, unit = _number(found["count"]), found["high"], found["unit"] or found["adverb"]
            return f"{low:g}{f'-{_number(high):g}' if high else ''}/{_SHORT[unit]}"
        return None


def _bare(said: str) -> str:
    return said.replace(".", "").replace(" ", "")


def _number(said: str) -> int:
    return int(said) if said.isdigit() else _WORDS[said]


def _rate_of_every(low: str | None, high: str | None, unit: str) -> str:
    count, unit = _number(low) if low else 1, unit if unit == "s" else unit.rstrip("s")
    if unit in _HOURS and count > _HOURS_A_DAY and count % _HOURS_A_DAY == 0 and not high:
        return f"1/{count // _HOURS_A_DAY}d"
    if unit in _HOURS:
        most = f"{24 / count:.3g}"
        return f"{24 / _number(high):.3g}-{most}/d" if high else f"{most}/d"
    if unit in _SHORT:
        return f"1/{_SHORT[unit]}" if count == 1 else f"1/{count}{_SHORT[unit]}"
    return f"{_MINUTES_A_DAY / count:.0f}/d"
