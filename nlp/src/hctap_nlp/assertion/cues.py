"""The cue table, compiled: which words in a text decide what, in which direction."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import ahocorasick_rs

from hctap_core.evaluation import ASSERTIONS
from hctap_nlp.shadow import Shadow, shadow_of

FORWARD, BACKWARD, ADJECTIVE, INDICATION, ADJACENT = "forward", "backward", "adjective", "indication", "adjacent"
BEHIND = "behind"
TERMINATOR, PSEUDO, PATTERN = "terminator", "pseudo", "pattern"
# Patterns of these leave nothing to the cues inside them: `no mass to suggest`, `began two months ago`.
_SILENCING = frozenset({"negated", PSEUDO})
_DIRECTIONS = (FORWARD, BACKWARD, ADJECTIVE, INDICATION, ADJACENT, BEHIND)
_WORD_LIST = re.compile(r"\{([\w ]+)\}")
_INFORMANT_REACH = 40


@dataclass(frozen=True, slots=True)
class CueRule:
    """One meaning of a cue: a direction for an attribute, or the end of an attribute's (or `all`) reach."""

    kind: str
    attribute: str
    name: str
    of_problems: bool | None = None  # True: of problems alone, False: of everything else alone
    then: re.Pattern[str] | None = None


class CueMeaning:
    """All that a cue's words mean, and what follows from it for each place where they stand."""

    __slots__ = ("ended", "is_backward", "rules", "said")

    def __init__(self, rules: Iterable[CueRule]) -> None:
        self.rules = tuple(rules)
        # The attributes whose reach ends here, and those that are decided here.
        self.ended = frozenset(rule.attribute for rule in self.rules if rule.kind == TERMINATOR)
        if "all" in self.ended:
            self.ended |= {*ASSERTIONS, BACKWARD}
        self.said = frozenset(rule.attribute for rule in self.rules if rule.kind in _DIRECTIONS)
        self.is_backward = bool(self.rules) and all(rule.kind == BACKWARD for rule in self.rules)


class CueHit(NamedTuple):
    """A cue in a text, with all its meanings; offsets are the text's."""

    begin: int
    end: int
    meaning: CueMeaning
    plain: "CueHit | None" = None

    def without_gap(self) -> "CueHit":
        """The cue as its word alone where it is a pattern; else the cue itself."""
        return self.plain or self


def _rows(table: Mapping[str, Any]) -> Iterator[tuple[str, CueRule]]:
    """Every cue with its rule; `{kin}` in a cue stands for each word of that list."""
    for cue, rule in _written_rows(table):
        names = _WORD_LIST.findall(cue)
        for words in product(*(table["words"][name] for name in names)):
            yield _WORD_LIST.sub("{}", cue).format(*words), rule


def _written_rows(table: Mapping[str, Any]) -> Iterator[tuple[str, CueRule]]:
    for attribute in ASSERTIONS:
        lists = table[attribute]
        yield from _directed(attribute, lists, of_problems=None)
        yield from _directed(attribute, lists.get("problems_only", {}), of_problems=True)
        yield from _directed(attribute, lists.get("others_only", {}), of_problems=False)
        yield from _patterns(attribute, lists.get(PATTERN, ()))
    yield from _patterns(PSEUDO, table["pseudo_pattern"])
    for cue in table[PSEUDO]:
        yield str(cue), CueRule(PSEUDO, "all", f"pseudo:{cue}")
    for attribute, cues in table["terminators"].items():
        for cue in cues:
            yield str(cue), CueRule(TERMINATOR, attribute, f"terminator:{cue}")


def _own_rows(table: Mapping[str, Any]) -> Iterator[tuple[str, CueRule]]:
    """The user's rows; a cue that they name decides what they say and nothing else."""
    for row in table.get("own", ()):
        yield row["cue"], CueRule(row["direction"], row["attribute"], row["name"], row["problems_only"] or None)


def _directed(attribute: str, lists: Mapping[str, Any], *, of_problems: bool | None) -> Iterator[tuple[str, CueRule]]:
    for kind in _DIRECTIONS:
        for cue in lists.get(kind, ()):
            yield str(cue), CueRule(kind, attribute, f"{attribute}.{kind}:{cue}", of_problems)


def _patterns(attribute: str, patterns: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, CueRule]]:
    for number, pattern in enumerate(patterns, start=1):
        then = re.compile(pattern["then"], re.IGNORECASE)
        for word in pattern["words"]:
            yield str(word), CueRule(PATTERN, attribute, f"{attribute}.pattern:{number}", then=then)


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
        self._meanings = [CueMeaning(found) for found in rules.values()]
        self._with_gap = {n for n, found in enumerate(rules.values()) if any(rule.then for rule in found)}
        self._of_persons = {
            n
            for n, found in enumerate(rules.values())
            if any(rule.attribute == "family" and rule.kind == FORWARD for rule in found)
        }
        informant = table["family"]["informant"]
        self._informant_before = re.compile(rf"\b(?:{informant['before']})$", re.IGNORECASE)
        self._informant_after = re.compile(rf"(?:{informant['after']})\b", re.IGNORECASE)
        self._automaton = ahocorasick_rs.AhoCorasick(list(rules), matchkind=ahocorasick_rs.MatchKind.Standard)

    def find(self, shadow: Shadow) -> list[CueHit]:
        """The cues of a text from left to right."""
        found = self._automaton.find_matches_as_indexes(shadow.words, overlapping=True)
        found.sort(key=lambda hit: (hit[1], -hit[2]))
        hits: list[CueHit] = []
        reach = silent_to = 0
        for number, begin, end in found:
            if begin + 1 >= reach and shadow.begin_of(begin + 1) >= silent_to:
                hit = CueHit(shadow.begin_of(begin + 1), shadow.end_of(end - 1), self._meanings[number])
                if number in self._with_gap:
                    hit = _widen(shadow.text, hit)
                    if hit.plain and hit.meaning.rules[0].attribute in _SILENCING:
                        silent_to = hit.end
                if number in self._of_persons:
                    hit = self._without_informant(shadow.text, hit)
                hits.append(hit)
                reach = end
        return hits

    def _without_informant(self, text: str, hit: CueHit) -> CueHit:
        """The cue without the family where the person only tells, comes along or is cared for (`mother reports`)."""
        if self._informant_after.match(text, hit.end) or self._informant_before.search(
            text[max(0, hit.begin - _INFORMANT_REACH) : hit.begin]
        ):
            others = CueMeaning(rule for rule in hit.meaning.rules if rule.attribute != "family")
            return CueHit(hit.begin, hit.end, others)
        return hit


def _widen(text: str, hit: CueHit) -> CueHit:
    """The whole pattern as one cue where the rest of a pattern follows its word; else the word."""
    for rule in hit.meaning.rules:
        if rule.then is not None and (match := rule.then.match(text, hit.end)):
            kind = PSEUDO if rule.attribute == PSEUDO else FORWARD
            # What the word says of things before it stands (`preeclampsia precautions: call for headache`).
            back = (other for other in hit.meaning.rules if other.kind == BACKWARD)
            both = CueMeaning((CueRule(kind, rule.attribute, rule.name), *back))
            return CueHit(hit.begin, match.end(), both, plain=hit)
    return hit
