"""All identifiers of a text: what the anchors announce, what the patterns show, none over another."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Final

from hctap_core.phi import PhiKind, PhiSpan
from hctap_nlp.phi.anchors import Role, load_anchors, lower
from hctap_nlp.phi.dates import DATE_SHAPES, read_month
from hctap_nlp.phi.names import NameFinder
from hctap_nlp.phi.numbers import NUMBER_SHAPES, find_machines, read_labelled
from hctap_nlp.phi.places import find_mail, place_shapes, read_line, read_link, read_opened, read_part
from hctap_nlp.phi.shapes import ShapeFinder

_READERS: Final = {
    Role.NUMBER_LABEL: read_labelled,
    Role.PHONE: read_labelled,
    Role.ADDRESS_LABEL: read_line,
    Role.ADDRESS_OPENER: read_opened,
    Role.ADDRESS_PART: read_part,
    Role.LINK: read_link,
    Role.MONTH: read_month,
}
_RANK: Final = {kind: rank for rank, kind in enumerate(PhiKind)}


class PhiFinder:
    """Finds identifiers by position, pattern and checksum, in time that grows with the text."""

    def __init__(self) -> None:
        self._anchors = load_anchors()
        self._names = NameFinder(self._anchors.tables)
        self._shapes = ShapeFinder([*NUMBER_SHAPES, *DATE_SHAPES, *place_shapes(self._anchors.tables)])

    def find(self, text: str) -> list[PhiSpan]:
        """The identifiers of a text, in text order, none over another."""
        spans = [*self._shapes.find(text), *find_machines(text), *find_mail(text)]
        signed = (self._names.read_back(text, end) for end in self._anchors.find_credentials(text))
        names = [span for span in signed if span is not None]
        for anchor in self._anchors.find(lower(text)):
            reader = _READERS.get(anchor.role, self._names.read)
            span = reader(text, anchor)
            if span is not None:
                (names if span.kind is PhiKind.NAME else spans).append(span)
        return _choose([*spans, *names, *self._names.find_again(text, names)])


@cache
def load_finder() -> PhiFinder:
    """The finder, made once."""
    return PhiFinder()


def count_kinds(spans: Iterable[PhiSpan]) -> dict[PhiKind, int]:
    """How many identifiers there are of each kind, in the order of the kinds' names."""
    return dict(sorted(Counter(span.kind for span in spans).items()))


def _choose(spans: Iterable[PhiSpan]) -> list[PhiSpan]:
    """From left to right the longest at each place; of two that overlap the longer stays."""
    chosen: list[PhiSpan] = []
    for span in sorted(set(spans), key=lambda span: (span.begin, -span.end, _RANK[span.kind])):
        last = chosen[-1] if chosen else None
        if last is None or last.end <= span.begin:
            chosen.append(span)
        elif span.end - span.begin > last.end - last.begin:
            chosen[-1] = span
    return chosen
