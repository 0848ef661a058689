"""What a disturbed run left, against what an undisturbed one leaves: byte for byte."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, fields

from tests.integration.aftermath import Aftermath


@dataclass(frozen=True)
class Verdict:
    """How many results are missing and how many are there too often, and where anything differs at all."""

    lost: int
    doubled: int
    differing: tuple[str, ...]


def compare(calm: Aftermath, found: Aftermath) -> Verdict:
    """Compare exported rows, entity objects and answers of the ledger one by one, and the rest as a whole."""
    lost = doubled = 0
    for items in (_rows, _objects, _answers):
        expected, there = Counter(items(calm)), Counter(items(found))
        lost += (expected - there).total()
        doubled += (there - expected).total()
    differing = (one.name for one in fields(Aftermath) if getattr(calm, one.name) != getattr(found, one.name))
    return Verdict(lost, doubled, tuple(differing))


def _rows(aftermath: Aftermath) -> Iterable[Hashable]:
    return aftermath.exported.splitlines()


def _objects(aftermath: Aftermath) -> Iterable[Hashable]:
    return aftermath.objects.items()


def _answers(aftermath: Aftermath) -> Iterable[Hashable]:
    return [(row[0], row[5]) for row in aftermath.ledger]
