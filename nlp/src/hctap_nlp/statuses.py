"""A status that is said once of several drugs (`stop aspirin and Plavix`, `Lasix and potassium were held`)."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from hctap_nlp.extraction import FoundAttribute, Mention

# What joins the drugs of a list; behind a preposition or a verb stands another thing.
_JOINT: Final = re.compile(
    r"[ \t]*(?:\([^()\n]{0,40}\)[ \t]*)?(?:,|/|&|\+|\band\b|\bor\b|\bplus\b|\bas well as\b|\balong with\b)"
    r"(?:[ \t]*(?:and|or|also|with|a|an|the|his|her|some|both|oral|iv|po|topical|low[- ]dose|high[- ]dose)\b)*[ \t]*",
    re.IGNORECASE,
)
# `Lasix and potassium were held`; of one drug it would say `was`.
_OF_ALL: Final = re.compile(r"[ \t]+(?:were|are|have|had|both|all)\b[^.,;:\n]{0,20}$", re.IGNORECASE)


def share_statuses(text: str, drugs: Sequence[Mention]) -> None:
    """Give a drug that has no status that of the list in which it stands; `drugs` are in text order."""
    for drug, following in pairwise(drugs):
        said = _status_of(drug)
        if said and said.end <= drug.begin and not _status_of(following) and _is_list(text, drug, following):
            _give(following, said)
    for drug, before in pairwise(reversed(drugs)):
        said = _status_of(drug)
        if (
            said
            and said.begin >= drug.end
            and not _status_of(before)
            and _OF_ALL.search(text, _end_of(drug, said), said.begin)
            and _is_list(text, before, drug)
        ):
            _give(before, said)


def _status_of(drug: Mention) -> FoundAttribute | None:
    return next((attribute for attribute in drug.attributes if attribute.type == "STATUS"), None)


def _is_list(text: str, drug: Mention, following: Mention) -> bool:
    return _JOINT.fullmatch(text, _end_of(drug), following.begin) is not None


def _end_of(drug: Mention, until: FoundAttribute | None = None) -> int:
    """Where a drug's words end, with its strength and the like, but for a word of status behind it."""
    ends: Iterable[int] = (a.end for a in drug.attributes if a.type != "STATUS" and (not until or a.end <= until.begin))
    return max(drug.end, *ends, 0)


def _give(drug: Mention, said: FoundAttribute) -> None:
    drug.attributes.append(said)
    drug.attributes.sort(key=lambda attribute: attribute.begin)
