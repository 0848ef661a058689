"""Which entities a cue reaches: within its sentence, in its direction, up to a terminator.

The method is ConText's (Harkema et al., J Biomed Inform 42(5):839-851, 2009) with section priors and list rules.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from hctap_nlp.assertion.cues import ADJECTIVE, BACKWARD, FORWARD, CueHit, CueMatcher, CueRule
from hctap_nlp.assertion.signs import read_section, read_signs
from hctap_nlp.extraction import FoundCue, Mention
from hctap_nlp.sentences import Sentences
from hctap_nlp.shadow import Shadow

# A test or procedure behind a preposition is where something was not seen (`no effusion on the film`).
_CLOSE_TYPES = frozenset({"TEST", "PROCEDURE"})
_PREPOSITION = re.compile(r"\b(?:on|in|at|by|after|before|during|from|with)\b", re.IGNORECASE)
# The longest review of systems after one `denies`; without a bound a note without full stops takes quadratic time.
_FORWARD_REACH = 1000
_BACKWARD_REACH = 80
_ADJECTIVE_REACH = 60
_ADJECTIVE_ENDS = (",", ":", "(", ";", "\n\n")
# `denies that he has pain`: the verb belongs to the cue and does not end its reach.
_OWN_CLAUSE = frozenset(
    {"that he", "that she", "that", "any", "having", "he", "she", "you", "they", "there", "patient", "the patient"}
)


class AssertionReader:
    """Writes the assertion of each mention, and the cues that decided it, into the mention."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._matcher = CueMatcher(table)

    def read(self, shadow: Shadow, sentences: Sentences, mentions: Sequence[Mention]) -> None:
        """Decide all five attributes for each mention; `mentions` are in text order and know their section."""
        reading = _Reading(shadow.text, sentences, mentions, _outside(self._matcher.find(shadow), mentions))
        for place, cue in enumerate(reading.cues):
            for rule in cue.rules:
                if rule.kind in (FORWARD, ADJECTIVE):
                    reading.reach_forward(place, cue, rule)
                elif rule.kind == BACKWARD:
                    reading.reach_backward(place, cue, rule)
        for mention in mentions:
            read_signs(shadow.text, mention)
            read_section(mention)


class _Reading:
    """One text's cues at work on its mentions."""

    __slots__ = ("_begins", "_mentions", "_sentences", "_text", "cues")

    def __init__(self, text: str, sentences: Sentences, mentions: Sequence[Mention], cues: Sequence[CueHit]) -> None:
        self._text, self._sentences, self._mentions, self.cues = text, sentences, mentions, cues
        self._begins = [mention.begin for mention in mentions]

    def reach_forward(self, place: int, cue: CueHit, rule: CueRule) -> None:
        first = bisect_left(self._begins, cue.end)
        if first == len(self._mentions):
            return
        limit = self._forward_limit(place, cue, rule)
        for number in range(first, len(self._mentions)):  # no slices: they would copy the rest for every cue
            mention = self._mentions[number]
            if mention.begin >= limit:
                break
            if mention.type not in _CLOSE_TYPES or not _PREPOSITION.search(self._text, cue.end, mention.begin):
                _mark(mention, cue, rule, (cue.end, limit))

    def reach_backward(self, place: int, cue: CueHit, rule: CueRule) -> None:
        last = bisect_left(self._begins, cue.begin)
        if last == 0:
            return
        limit = self._backward_limit(place, cue, rule)
        nearest_only = rule.attribute == "uncertain" and " " not in rule.name
        for number in range(last - 1, -1, -1):
            mention = self._mentions[number]
            if mention.begin < limit:
                break
            _mark(mention, cue, rule, (limit, cue.begin))
            if nearest_only:
                break

    def _forward_limit(self, place: int, cue: CueHit, rule: CueRule) -> int:
        text, end = self._text, min(self._sentences.at(cue.begin)[1], cue.end + _FORWARD_REACH)
        if rule.kind == ADJECTIVE:
            end = min(end, cue.end + _ADJECTIVE_REACH)
            stops = [at for stop in _ADJECTIVE_ENDS if (at := text.find(stop, cue.end, end)) >= 0]
            end = min(stops, default=end)
        elif (semicolon := text.find(";", cue.end, end)) >= 0:
            end = semicolon
        for number in range(place + 1, len(self.cues)):
            other = self.cues[number]
            if other.begin >= end:
                break
            between = text[cue.end : other.begin].strip().lower() if other.begin >= cue.end else ""
            if other.begin >= cue.end and other.ends(rule.attribute) and between not in _OWN_CLAUSE:
                return other.begin
        return end

    def _backward_limit(self, place: int, cue: CueHit, rule: CueRule) -> int:
        begin = max(self._sentences.at(cue.begin)[0], cue.begin - _BACKWARD_REACH)
        begin = max(begin, self._text.rfind(";", begin, cue.begin) + 1)
        for number in range(place - 1, -1, -1):
            other = self.cues[number]
            if other.end <= begin:
                break
            if other.end <= cue.begin and (other.ends("all") or other.speaks_of(rule.attribute)):
                return other.end
        return begin


def _outside(cues: list[CueHit], mentions: Sequence[Mention]) -> list[CueHit]:
    """The cues outside mentions; an adjective that begins a mention (`old infarct`) acts on that mention."""
    kept, place = [], 0
    for cue in cues:
        while place < len(mentions) and mentions[place].end <= cue.begin:
            place += 1
        if place == len(mentions) or mentions[place].begin >= cue.end:
            kept.append(cue)
        elif cue.begin == mentions[place].begin and cue.end < mentions[place].end:
            for rule in cue.rules:
                if rule.kind == ADJECTIVE:
                    _mark(mentions[place], cue, rule, (cue.end, mentions[place].end))
    return kept


def _mark(mention: Mention, cue: CueHit, rule: CueRule, scope: tuple[int, int]) -> None:
    if mention.type == "ANATOMY" or mention.assertion.get(rule.attribute):
        return  # a part of the body is neither denied nor past
    if rule.problems_only and mention.type != "PROBLEM":
        return
    mention.assertion[rule.attribute] = True
    mention.cues.append(FoundCue(rule.attribute, cue.begin, cue.end, rule.name, scope))
