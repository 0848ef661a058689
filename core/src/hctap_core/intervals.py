"""How sure a score is: percentile intervals of the bootstrap, by document.

Documents, not mentions, are drawn with replacement, because the mentions of one document are not independent
(B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13).
"""

import random
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

SAMPLES: Final = 1000
SEED: Final = 13
_TAILS: Final = (0.025, 0.975)

Value = Callable[[Sequence[int]], float | None]


class Interval(NamedTuple):
    """The bounds between which 95 percent of the resampled scores lie."""

    low: float
    high: float


def sum_by_document(rows: Iterable[tuple[Hashable, Sequence[int]]]) -> list[tuple[int, ...]]:
    """The counts of each document, added up over its rows, in the order in which the documents come."""
    sums: dict[Hashable, tuple[int, ...]] = {}
    for document, counts in rows:
        earlier = sums.get(document)
        sums[document] = (
            tuple(counts) if earlier is None else tuple(a + b for a, b in zip(earlier, counts, strict=True))
        )
    return list(sums.values())


def interval_of(
    documents: Sequence[Sequence[int]], value: Value, *, samples: int = SAMPLES, seed: int = SEED
) -> Interval | None:
    """The 95 percent interval of `value` of the summed counts, or None where fewer than two documents allow none.

    `documents` holds the counts of each document, all of one length; the same documents and seed give the same bounds.
    """
    if len(documents) < 2 or samples == 0:  # noqa: PLR2004 - one document cannot be drawn in two ways
        return None
    columns = list(zip(*documents, strict=True))
    found = []
    for draw in _draws(len(documents), samples, seed):
        score = value([sum(map(column.__getitem__, draw)) for column in columns])
        if score is not None:
            found.append(score)
    if not found:
        return None
    found.sort()
    low, high = (round(found[round(tail * (len(found) - 1))], 4) for tail in _TAILS)
    return Interval(low, high)


@lru_cache(maxsize=8)
def _draws(size: int, samples: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """The documents' numbers in each sample; the same for every score over as many documents."""
    source, numbers = random.Random(seed), range(size)  # noqa: S311 - a seeded draw is wanted, not a secret
    return tuple(tuple(source.choices(numbers, k=size)) for _ in range(samples))
