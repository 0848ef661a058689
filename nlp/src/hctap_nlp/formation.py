"""Words that the vocabulary does not hold and whose ending says what they are (`periappendicitis`, `meniscoplasty`).

The endings are combining forms of medical English (terms/formations.yaml); only one pass over the text finds them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import ahocorasick_rs

from hctap_nlp.shadow import Shadow

_TYPES = ("PROBLEM", "PROCEDURE")


class FormationFinder:
    """Finds words by their endings."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        endings = {f"{ending} ": kind for kind in _TYPES for ending in table[kind]}
        self._kinds = [(kind, ending.strip()) for ending, kind in endings.items()]
        self._shortest = int(table["shortest"])
        self._except = frozenset(table["except"])
        self._automaton = ahocorasick_rs.AhoCorasick(
            list(endings),
            matchkind=ahocorasick_rs.MatchKind.Standard,
            implementation=ahocorasick_rs.Implementation.DFA,
        )

    def find(self, shadow: Shadow) -> Iterator[tuple[int, int, str, str]]:
        """Shadow begin and end, type and ending of each word so formed, from left to right; long endings only once."""
        words, last = shadow.words, -1
        for number, _, past in self._automaton.find_matches_as_indexes(words, overlapping=True):
            end = past - 1
            begin = words.rfind(" ", max(0, end - 60), end) + 1
            if end == last or end - begin < self._shortest or not words[begin:end].isalpha():
                continue
            if words[begin:end] not in self._except:
                last = end
                yield begin, end, *self._kinds[number]
