"""Chance that can be had again: everything random of a seed comes from here."""

from random import Random


def dice(seed: int) -> Random:
    """A source of chance for one seed."""
    return Random(seed)  # noqa: S311 - no secret


def any_seed() -> int:
    """A seed that nobody chose."""
    return Random().randrange(1, 1 << 30)  # noqa: S311 - no secret
