"""The titles of ICD-10-CM as lines of the compiled vocabulary.

A line reads `code<TAB>title<TAB>words`, with `|` between the words of the title and of each inclusion term.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from hctap_nlp.title_words import TitleWords
from hctap_nlp.vocabulary import icd10cm

_LONGEST_CODE: Final = 8
# Poisonings go by drug and intent, which no name of a problem says; of chapter XXI only allergies name problems.
_LEFT_OUT: Final = (
    "T36", "T37", "T38", "T39", "T4", "T50", "T51", "T52", "T53", "T54", "T55", "T56", "T57", "T58", "T59", "T6",
    # Vessels, nerves and muscles, each with many sites, in injuries that notes call by less.
    "S15", "S25", "S35", "S45", "S55", "S65", "S75", "S85", "S95", "S14", "S24", "S34", "S44", "S54", "S64", "S74",
    "S84", "S94", "S16", "S29", "S39", "S46", "S56", "S66", "S76", "S96",
    "U", "V", "W", "X", "Y", "Z0", "Z1", "Z2", "Z3", "Z4", "Z5", "Z6", "Z7", "Z80", "Z81", "Z82", "Z83", "Z84", "Z85",
    "Z86", "Z87", "Z89", "Z90", "Z92", "Z93", "Z94", "Z95", "Z96", "Z97", "Z98", "Z99", "H54",
)  # fmt: skip


def title_lines(words: TitleWords) -> Iterator[str]:
    """A line for each billable code that a note may name, in the order of codes."""
    for code in sorted(icd10cm.billable_codes()):
        if not code.startswith(_LEFT_OUT) and _is_first_encounter(code):
            yield line_of(words, code, icd10cm.title_of(code), icd10cm.inclusions_of(code))


def line_of(words: TitleWords, code: str, title: str, inclusions: Iterable[str]) -> str:
    """The line of a code: titles that say the same stand once."""
    said = dict.fromkeys(" ".join(words.of_title(name)) for name in (title, *inclusions))
    return "\t".join((code, " ".join(title.split()), "|".join(one for one in said if one)))


def _is_first_encounter(code: str) -> bool:
    if len(code) < _LONGEST_CODE:
        return True
    if code[0] == "O":
        return code[-1] == "0"
    return code[-1] == "A" or code[0] not in "MST"
