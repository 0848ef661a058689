"""What stands between two drugs and is said of the second: `Versed and 50 mcg of fentanyl`, `and nightly Ambien`."""

import re

from hctap_nlp.extraction import Mention

OFTEN = ("FREQUENCY", "PRN")
_AMOUNTS = ("STRENGTH", "DOSE")
# What may stand between an amount, or how often, and the drug behind it.
LINKED = re.compile(
    r"[ \t]*(?:of|tab(?:let)?s?[ ]of)?[ \t]*(?:(?:topical|sterile|plain|buffered|liquid|injectable|oral|iv)[ \t]+)?",
    re.IGNORECASE,
)
# `and nightly Ambien`: what stands before how often a drug is taken when the drug is named behind it.
_LEADS_OFTEN = re.compile(
    r"(?:^|[:(\n][ ]?|\b(?:on|and|or|with|plus|takes?|taking|took|uses?|using|his|her|their|the|an?|of|to|for"
    r"|add(?:ed)?|continue[sd]?|start(?:ed)?|given|prescribed|receives?|received|receiving)[ ])$",
    re.IGNORECASE,
)
# `2 mg of Versed and 50 mcg of fentanyl`: what stands before the amount of the drug behind it.
_LEADS_AMOUNT = re.compile(r"(?:\b(?:and|or|with|plus|then)|(?P<comma>[,;]))[ ]$", re.IGNORECASE)
_LONGEST_LEAD = 14


def is_led_to(text: str, begin: int, often: re.Match[str], drug: int) -> bool:
    """Whether how often is said before the drug that begins at `drug` (`on weekly methotrexate`)."""
    if not LINKED.fullmatch(text, often.end(), drug):
        return False
    return _LEADS_OFTEN.search(text[max(begin, often.start() - _LONGEST_LEAD) : often.start()]) is not None


def is_of_next(text: str, drug: Mention, kind: str, said: re.Match[str], following: int) -> bool:
    """Whether an attribute behind a drug is that of the next one, which begins at `following`."""
    if kind in OFTEN:
        return is_led_to(text, drug.end, said, following)
    return kind in _AMOUNTS and _is_amount_of_next(text, drug, kind, said, following)


def _is_amount_of_next(text: str, drug: Mention, kind: str, amount: re.Match[str], following: int) -> bool:
    """Whether an amount is that of the drug that begins at `following`; after a comma only if this one has its own."""
    if not LINKED.fullmatch(text, amount.end(), following):
        return False
    lead = _LEADS_AMOUNT.search(text, drug.end, amount.start())
    return lead is not None and (lead["comma"] is None or any(a.type == kind for a in drug.attributes))
