"""How many processes work on a run: the option that commands share."""

import os
from typing import Annotated, Final

import typer

MOST_WORKERS: Final = 64
Workers = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=MOST_WORKERS,
        help="How many processes work; one for each core unless given, 0 to do it in this process.",
        show_default=False,
    ),
]


def count_cores() -> int:
    """The number of cores that this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, MOST_WORKERS)
