"""How well the finder agrees with texts whose identifiers are marked: precision and recall for each kind."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hctap_core.phi import PhiKind, PhiSpan

# What public sets call the kinds. A label that is not here is no kind of ours (a country, a company, a nationality):
# it is neither asked for nor held against a finding that touches it.
KIND_OF_LABEL: Final = {
    **{kind.value: kind for kind in PhiKind},
    "person": PhiKind.NAME,
    "patient": PhiKind.NAME,
    "doctor": PhiKind.NAME,
    "street_address": PhiKind.ADDRESS,
    "zip_code": PhiKind.ADDRESS,
    "hospital": PhiKind.ADDRESS,  # so a public synthetic set calls the patient's street and town
    "phone_number": PhiKind.PHONE,
    "fax_number": PhiKind.FAX,
    "email_address": PhiKind.EMAIL,
    "domain_name": PhiKind.URL,
    "ip_address": PhiKind.IP,
    "us_ssn": PhiKind.SSN,
    "date_time": PhiKind.DATE,
    "credit_card": PhiKind.ACCOUNT,
    "iban_code": PhiKind.ACCOUNT,
    "us_driver_license": PhiKind.LICENSE,
}
_OLDEST_COUNTED: Final = 89
_SAME: Final = {PhiKind.FAX: PhiKind.PHONE}


class Marked(NamedTuple):
    """A text, the identifiers marked in it (with the set's own labels), and those that were found."""

    text: str
    gold: Sequence[tuple[int, int, str]]
    found: Sequence[PhiSpan]


@dataclass(slots=True)
class KindScore:
    """Counts of one kind.

    `gold` spans, of which `touched` meet a finding of the kind and `covered` have no letter or digit outside findings
    of any kind; `found` spans, of which `right` meet gold of the kind.
    """

    gold: int = 0
    touched: int = 0
    covered: int = 0
    found: int = 0
    right: int = 0

    @property
    def precision(self) -> float | None:
        """The share of the findings that are right."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """The share of the gold that is touched."""
        return self.touched / self.gold if self.gold else None

    @property
    def coverage(self) -> float | None:
        """The share of the gold that would not be read in a redacted text."""
        return self.covered / self.gold if self.gold else None


@dataclass(slots=True)
class PhiScores:
    """The scores of a set; kinds that it never marks are left out, since nothing can be said of them."""

    texts: int = 0
    by_kind: dict[PhiKind, KindScore] = field(default_factory=dict)

    @property
    def total(self) -> KindScore:
        """All kinds together."""
        total = KindScore()
        for score in self.by_kind.values():
            for name in KindScore.__slots__:
                setattr(total, name, getattr(total, name) + getattr(score, name))
        return total


def score_phi(texts: Iterable[Marked]) -> PhiScores:
    """The scores of findings in marked texts; a telephone number and a fax number count as the same."""
    scores = PhiScores()
    unasked: Counter[tuple[PhiKind, bool]] = Counter()
    for marked in texts:
        scores.texts += 1
        gold, others = _asked(marked)
        for begin, end, kind in gold:
            score = scores.by_kind.setdefault(kind, KindScore())
            score.gold += 1
            score.touched += any(_kind(span) is kind and span.begin < end and begin < span.end for span in marked.found)
            score.covered += _is_covered(marked, begin, end)
        for span in marked.found:
            is_right = any(kind is _kind(span) and span.begin < end and begin < span.end for begin, end, kind in gold)
            if is_right or not any(span.begin < end and begin < span.end for begin, end in others):
                unasked[_kind(span), is_right] += 1
    for kind, score in scores.by_kind.items():
        score.right = unasked[kind, True]
        score.found = score.right + unasked[kind, False]
    scores.by_kind = dict(sorted(scores.by_kind.items()))
    return scores


def _asked(marked: Marked) -> tuple[list[tuple[int, int, PhiKind]], list[tuple[int, int]]]:
    asked, others = [], []
    for begin, end, label in marked.gold:
        kind = KIND_OF_LABEL.get(label.lower())
        if kind is None or (kind is PhiKind.AGE and not _is_counted_age(marked.text[begin:end])):
            others.append((begin, end))
        else:
            asked.append((begin, end, _SAME.get(kind, kind)))
    return asked, others


def _is_counted_age(text: str) -> bool:
    return text.isdecimal() and int(text) > _OLDEST_COUNTED


def _kind(span: PhiSpan) -> PhiKind:
    return _SAME.get(span.kind, span.kind)


def _is_covered(marked: Marked, begin: int, end: int) -> bool:
    open_places = {place for place in range(begin, end) if marked.text[place].isalnum()}
    for span in marked.found:
        if span.begin < end and begin < span.end:
            open_places.difference_update(range(span.begin, span.end))
    return not open_places
