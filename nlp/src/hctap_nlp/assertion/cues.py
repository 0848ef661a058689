"""The cue table, compiled: which words in a text decide what, in which direction."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ahocorasick_rs

from hctap_core.evaluation import ASSERTIONS
from hctap_nlp.shadow import Shadow, shadow_of

FORWARD, BACKWARD, ADJECTIVE = "forward", "backward", "adjective"
TERMINATOR, PSEUDO, PATTERN = "terminator", "pseudo", "pattern"
_DIRECTIONS = (FORWARD, BACKWARD, ADJECTIVE)


@dataclass(frozen=True, slots=True)
class CueRule:
    """One meaning of a cue: a direction for an attribute, or the end of an attribute's (or `all`) reach."""

    kind: str
    attribute: str
    name: str
    problems_only: bool = False
    then: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class CueHit:
    """A cue in a text, with all its meanings; offsets are the text's."""

    begin: int
    end: int
    rules: tuple[CueRule, ...]

    def ends(self, attribute: str) -> bool:
        """Whether an attribute's reach ends here."""
        return any(rule.kind == TERMINATOR and rule.attribute in ("all", attribute) for rule in self.rules)

    def speaks_of(self, attribute: str) -> bool:
        """Whether this cue decides the same attribute itself."""
        return any(rule.kind in _DIRECTIONS and rule.attribute == attribute for rule in self.rules)


def _rows(table: Mapping[str, Any]) -> Iterator[tuple[str, CueRule]]:
    for attribute in ASSERTIONS:
        for only, lists in ((False, table[attribute]), (True, table[attribute].get("problems_only", {}))):
            for kind in _DIRECTIONS:
                for cue in lists.get(kind, ()):
                    yield str(cue), CueRule(kind, attribute, f"{attribute}.{kind}:{cue}", only)
        for number, pattern in enumerate(table[attribute].get(PATTERN, ()), start=1):
            then = re.compile(pattern["then"], re.IGNORECASE)
            for word in pattern["words"]:
                yield str(word), CueRule(PATTERN, attribute, f"{attribute}.pattern:{number}", then=then)
    for cue in table[PSEUDO]:
        yield str(cue), CueRule(PSEUDO, "all", f"pseudo:{cue}")
    for attribute, cues in table["terminators"].items():
        for cue in cues:
            yield str(cue), CueRule(TERMINATOR, attribute, f"terminator:{cue}")


def _own_rows(table: Mapping[str, Any]) -> Iterator[tuple[str, CueRule]]:
    """The user's rows; a cue that they name decides what they say and nothing else."""
    for row in table.get("own", ()):
        yield row["cue"], CueRule(row["direction"], row["attribute"], row["name"], row["problems_only"])


class CueMatcher:
    """Finds cues; of overlapping cues the longest counts, so that a pseudo cue silences the cue inside it."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        rules: dict[str, list[CueRule]] = {}
        for cue, rule in _own_rows(table):
            rules.setdefault(shadow_of(cue.lower()), []).append(rule)
        own = frozenset(rules)
        for cue, rule in _rows(table):
            if (form := shadow_of(cue.lower())) not in own:
                rules.setdefault(form, []).append(rule)
        self._rules = [tuple(found) for found in rules.values()]
        self._automaton = ahocorasick_rs.AhoCorasick(list(rules), matchkind=ahocorasick_rs.MatchKind.Standard)

    def find(self, shadow: Shadow) -> list[CueHit]:
        """The cues of a text from left to right."""
        found = self._automaton.find_matches_as_indexes(shadow.words, overlapping=True)
        found.sort(key=lambda hit: (hit[1], -hit[2]))
        hits: list[CueHit] = []
        reach = 0
        for number, begin, end in found:
            if begin + 1 >= reach:
                hits.append(_with_gap(shadow, shadow.begin_of(begin + 1), shadow.end_of(end - 1), self._rules[number]))
                reach = end
        return hits


def _with_gap(shadow: Shadow, begin: int, end: int, rules: tuple[CueRule, ...]) -> CueHit:
    """The cue at a place; where it is a pattern's word and the rest follows, the whole pattern as a forward cue."""
    for rule in rules:
        if rule.then is not None and (match := rule.then.match(shadow.text, end)):
            return CueHit(begin, match.end(), (CueRule(FORWARD, rule.attribute, rule.name),))
    return CueHit(begin, end, rules)
