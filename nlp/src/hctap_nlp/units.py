"""Units as notes write them, and their UCUM codes (https://ucum.org/ucum)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

# Forms that a result may carry besides those of the table; UCUM has no code for them.
_UNCODED = r"cells/cmm|(?:thou|mill?)/mm3"


class UnitTable:
    """The unit table: a regular expression of all spellings, and the code of each."""

    def __init__(self, table: Mapping[Any, Sequence[Any]]) -> None:
        self._codes = {_bare(str(said)): str(code) for code, listed in table.items() for said in listed}
        spellings = sorted(
            {str(said) for listed in table.values() for said in listed}, key=lambda said: (-len(said), said)
        )
        self.pattern = "|".join((*(_pattern_of(said) for said in spellings), _UNCODED))

    def code_of(self, said: str) -> str | None:
        """The UCUM code of a unit as written, or None where none is known."""
        return self._codes.get(_bare(said))


def _bare(said: str) -> str:
    return re.sub(r"\s+", "", said.lower()).replace("μ", "µ")


def _pattern_of(said: str) -> str:
    if said == "in":  # not the word: `120/80 in clinic`
        return r"in(?=[ \t]*(?:[,;.)\n]|$))"
    if said == "k":  # `12.3K` is thousands; `Na 140 K 4.2` is potassium
        return r"(?<=\d)k"
    return re.escape(said).replace(r"\ ", r"[ \t]?").replace("µ", "[µμ]")
