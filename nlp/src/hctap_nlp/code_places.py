"""Codes that a problem has by its place: `erosion` of the palate, of the stomach, of the cornea.

The rows stand in `vocabulary/terms/code_places.yaml`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hctap_nlp.title_words import TitleWords

_LONGEST_HEAD = 3


class PlacedCode(NamedTuple):
    """A code with its title, and the words of the place that chose it."""

    code: str
    title: str
    place: str


class CodePlaces:
    """Finds the code of a head with its place among the words of a phrase."""

    def __init__(self, rows: Mapping[str, Sequence[Sequence[str]]], titles: TitleWords) -> None:
        self._titles = titles
        self._rows = {
            tuple(head.split()): [
                (frozenset(titles.of_phrase(place.split())), PlacedCode(code, title, place))
                for place, code, title in places
            ]
            for head, places in rows.items()
        }

    def is_head(self, words: Sequence[str]) -> bool:
        """Whether the words are a head alone."""
        return tuple(words) in self._rows

    def find(self, words: Sequence[str], beside: Sequence[str] = ()) -> PlacedCode | None:
        """The code of the last head with a place in a phrase, by the longest place that it, or words beside it, say."""
        for begin in range(len(words) - 1, -1, -1):
            for end in range(min(len(words), begin + _LONGEST_HEAD), begin, -1):
                rows = self._rows.get(tuple(words[begin:end]))
                # `stenosis of the LAD`: a head that is here a place of another head.
                if rows and (placed := self._placed(rows, (*words[:begin], *words[end:], *beside))):
                    return placed
        return None

    def _placed(self, rows: Sequence[tuple[frozenset[str], PlacedCode]], words: Sequence[str]) -> PlacedCode | None:
        meant = self._titles.of_phrase(words)
        said = frozenset().union(*meant.values())
        fitting = (row for row in rows if row[0] <= said)
        # `knee` says joint and lower extremity, too: first the place in the phrase's own words.
        best = max(fitting, key=lambda row: (len(row[0].intersection(meant)), len(row[0])), default=None)
        return best[1] if best else None


def rows_of(table: Mapping[str, Mapping[str, str]], titles: Mapping[str, str]) -> dict[str, list[list[Any]]]:
    """The rows by each name of a head; of two lists with the same head and place the first counts."""
    rows: dict[str, dict[str, str]] = {}
    for heads, places in table.items():
        for head in heads.split(","):
            by_place = rows.setdefault(head.strip(), {})
            for place, code in places.items():
                by_place.setdefault(str(place), str(code))
    return {head: [[place, code, titles[code]] for place, code in by_place.items()] for head, by_place in rows.items()}
