"""The words that stand beside identifiers, out of `anchors.yaml`, and where a text has them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

import ahocorasick_rs
import yaml

from hctap_core.phi import PhiKind


class Role(Enum):
    """What an anchor says of its neighbour."""

    TITLE = auto()
    NAME_LABEL = auto()
    NAME_OPENER = auto()
    NUMBER_LABEL = auto()
    PHONE = auto()
    ADDRESS_LABEL = auto()
    ADDRESS_OPENER = auto()
    ADDRESS_PART = auto()
    LINK = auto()
    MONTH = auto()


class Anchor(NamedTuple):
    """An anchor in a text, with the kind that its neighbour has."""

    begin: int
    end: int
    role: Role
    kind: PhiKind


_ROLES: Final = {
    "titles": (Role.TITLE, PhiKind.NAME),
    "name_labels": (Role.NAME_LABEL, PhiKind.NAME),
    "name_openers": (Role.NAME_OPENER, PhiKind.NAME),
    "phone_words": (Role.PHONE, PhiKind.PHONE),
    "fax_words": (Role.PHONE, PhiKind.FAX),
    "address_labels": (Role.ADDRESS_LABEL, PhiKind.ADDRESS),
    "address_openers": (Role.ADDRESS_OPENER, PhiKind.ADDRESS),
    "address_parts": (Role.ADDRESS_PART, PhiKind.ADDRESS),
    "links": (Role.LINK, PhiKind.URL),
    "months": (Role.MONTH, PhiKind.DATE),
    "short_months": (Role.MONTH, PhiKind.DATE),
}


@dataclass(frozen=True, slots=True)
class Anchors:
    """The tables of `anchors.yaml`, and the automaton that finds all words of it in one pass."""

    tables: dict[str, Any]
    roles: tuple[tuple[tuple[Role, PhiKind], ...], ...]
    automaton: ahocorasick_rs.AhoCorasick
    credentials: ahocorasick_rs.AhoCorasick

    def find(self, lowered: str) -> Iterator[Anchor]:
        """The anchors of a text in lower case that are whole words, from left to right, the longest at each place."""
        found = self.automaton.find_matches_as_indexes(lowered, overlapping=True)
        whole = [match for match in found if _is_whole(lowered, match[1], match[2])]
        whole.sort(key=_from_left_longest_first)
        reach = 0
        for number, begin, end in whole:
            if begin >= reach:
                reach = end
                for role, kind in self.roles[number]:
                    yield Anchor(begin, end, role, kind)

    def find_credentials(self, text: str) -> Iterator[int]:
        """Where the white space or comma before a degree or a profession stands (`, MD`)."""
        for _, begin, end in self.credentials.find_matches_as_indexes(text):
            if not text[end : end + 1].isalnum():
                yield begin


def _is_whole(lowered: str, begin: int, end: int) -> bool:
    if begin and lowered[begin - 1].isalnum():
        return False
    return not (lowered[end - 1].isalnum() and lowered[end : end + 1].isalnum())


def _from_left_longest_first(match: tuple[int, int, int]) -> tuple[int, int]:
    return match[1], -match[2]


@cache
def load_anchors() -> Anchors:
    """The anchors, read once."""
    tables = yaml.safe_load((files("hctap_nlp.phi") / "anchors.yaml").read_text(encoding="utf-8"))
    roles: dict[str, list[tuple[Role, PhiKind]]] = {}
    for table, role in _ROLES.items():
        for word in tables[table]:
            roles.setdefault(word, []).append(role)
    for kind, words in tables["number_labels"].items():
        for word in words:
            roles.setdefault(word, []).append((Role.NUMBER_LABEL, PhiKind(kind)))
    degrees = [before + degree for row in tables["credentials"] for degree in row for before in (" ", ",", ", ")]
    # Not the longest from the left at once: `mr no` inside `Mr Nolan` is none, and would hide the title.
    anchors = ahocorasick_rs.AhoCorasick(list(roles), store_patterns=False)
    return Anchors(tables, tuple(map(tuple, roles.values())), anchors, build_automaton(degrees))


def build_automaton(words: Iterable[str]) -> ahocorasick_rs.AhoCorasick:
    """What finds words in one pass, the longest at each place."""
    return ahocorasick_rs.AhoCorasick(
        list(words), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest, store_patterns=False
    )


def lower(text: str) -> str:
    """The text in lower case, each character in its place."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)
