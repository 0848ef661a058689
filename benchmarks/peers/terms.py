"""Reading the terms that every dictionary system gets: CSV with surface, type, code, concept and case."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Term(NamedTuple):
    """A way to write a concept; `as_written` means that its capitals count (`MI`, `OR`)."""

    surface: str
    type: str
    code: str
    concept: str
    as_written: bool


def read_terms(path: Path) -> Iterator[Term]:
    """The terms of a file, in its order."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield Term(row["surface"], row["type"], row["code"], row["concept"], row["as_written"] == "1")
