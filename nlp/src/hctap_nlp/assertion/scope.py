"""Which entities a cue reaches: within its sentence, in its direction, up to a terminator.

The method is ConText's (Harkema et al., J Biomed Inform 42(5):839-851, 2009) with section priors and list rules.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from hctap_nlp.assertion.cues import (
    ADJACENT,
    ADJECTIVE,
    BACKWARD,
    BEHIND,
    FORWARD,
    INDICATION,
    CueHit,
    CueMatcher,
    CueRule,
)
from hctap_nlp.assertion.endings import ends_with, is_fresh, is_pending, list_begin, list_end
from hctap_nlp.assertion.pasts import read_past
from hctap_nlp.assertion.signs import answered_spans, read_section, read_signs, spread_signs
from hctap_nlp.assertion.standing import counting, mark_reached
from hctap_nlp.extraction import Mention
from hctap_nlp.sentences import Sentences
from hctap_nlp.shadow import Shadow

# A test or procedure behind a preposition is where something was not seen (`no effusion on the film`).
_CLOSE_TYPES = {
    "TEST": re.compile(r"\b(?:on|upon|in|at|by|after|before|during|from|with|to the|than)\b", re.IGNORECASE),
    "PROCEDURE": re.compile(r"\b(?:on|in|at|by|after|before|during|from|with)\b", re.IGNORECASE),
    "MEDICATION": re.compile(r"\b(?:after|before|during|from|with|since|despite)\b", re.IGNORECASE),
}
# The longest review of systems after one `denies`; without a bound a note without full stops takes quadratic time.
_FORWARD_REACH = 1000
_BACKWARD_REACH = 80
# `fever, weight loss, …, arthritis - all were negative`
_BACKWARD_REACH_OF_ALL = 300
_ADJECTIVE_REACH = 60
_ADJECTIVE_ENDS = (",", ":", "(", ";", "\n\n", " - ")
# `old records confirm`: behind a verb is another thing; so is what stands behind `with` when the noun has come.
_ADJECTIVE_VERB = re.compile(
    r"\b(?:confirm|show|reveal|demonstrate|indicate|document|suggest|report)(?:s|ed)?\b"
    r"|\b(?:is|was|are|were|has|had|which|that)\b",
    re.IGNORECASE,
)
_ACCOMPANIED = re.compile(r"\b(?:with|on|because|due)\b", re.IGNORECASE)
_OF_ITS_NOUN = frozenset({"historical.adjective:old", "historical.adjective:past", "historical.adjective:prior"})
_OTHER_NOUN = re.compile(r"[ ]+\w+[ ]+(?:or|and)[ ]", re.IGNORECASE)
# `former smoker with a cough`: who was something, and what they have now.
_SOMEBODY = re.compile(
    r"\b(?:smoker|drinker|user|abuser|addict|alcoholic|patient|man|woman|male|female|nurse|teacher|worker|athlete|player"
    r"|veteran|soldier)s?\b[ \n]+(?:with|who|presenting|presents|presented|admitted|referred|seen)\b",
    re.IGNORECASE,
)
# `for possible elder abuse`: a noun that is no mention, and not `UTI possible given the nitrites`.
_OWN_NOUN = re.compile(
    r"[ ]+(?!(?:and|or|but|given|due|secondary|from|in|based|at|on|with|without|per|as|since|because|to|by|for|if|when"
    r"|while|vs|is|was|of|versus|related|contributing|although|though|however|which|causing|after|viral|bacterial)\b)[a-z]",
)
_JOINED = re.compile(r"[ \t]*(?:,|/|\bor\b|\band\b)?[ \t]*", re.IGNORECASE)
_EITHER = re.compile(r"\s*,?\s*\b(?:or|nor)\s+", re.IGNORECASE)
_FOR = re.compile(r"\bfor\b[^.;:\n]*$", re.IGNORECASE)
_REASON_REACH = 40
_LEAD = 20
_CLAUSE_END = re.compile(r"[,.;:\n()]|[ ]-[ ]")
# `is not taking`: what follows a negation at once is its verb.
_OWN_VERBS = frozenset({"taking", "takes", "have", "had", "has", "developed", "develop", "noted", "continue"})
# `denies that he has pain`: the verb belongs to the cue and does not end its reach.
_OWN_CLAUSE = frozenset(
    {"that he", "that she", "that", "any", "having", "he", "she", "you", "they", "there", "patient", "the patient"}
)
_UNCERTAIN_UNTIL = CueRule(BACKWARD, "uncertain", "uncertain.until ruled out")


class AssertionReader:
    """Writes the assertion of each mention, and the cues that decided it, into the mention."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._matcher = CueMatcher(table)

    def read(self, shadow: Shadow, sentences: Sentences, mentions: Sequence[Mention]) -> None:
        """Decide all five attributes for each mention; `mentions` are in text order and know their section."""
        answers = answered_spans(shadow.text, mentions)
        cues = [cue for cue in counting(shadow.text, self._matcher.find(shadow), mentions) if cue.begin not in answers]
        reading = _Reading(shadow.text, sentences, mentions, cues)
        for place, cue in enumerate(reading.cues):
            if not cue.meaning.said:
                continue
            rules = cue.meaning.rules
            behind = any(rule.kind == BEHIND and reading.reach_behind(cue, rule) for rule in rules)
            for rule in rules:
                if rule.kind in (FORWARD, ADJECTIVE, INDICATION, ADJACENT) and not (
                    behind and rule.attribute == "historical"  # a condition goes on: `MRI if fever`
                ):
                    reading.reach_forward(place, cue, rule)
                if rule.kind == BACKWARD:
                    reading.reach_backward(place, cue, rule)
                elif rule.kind == INDICATION:
                    reading.reach_reasons(cue, rule)
        for mention in mentions:
            read_signs(shadow.text, mention)
        spread_signs(shadow.text, mentions)
        read_past(shadow.text, mentions)
        for mention in mentions:
            read_section(shadow.text, mention)


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
        scope = self._words_between(cue.end, limit)
        before = cue.end
        for number in range(first, len(self._mentions)):  # no slices: they would copy the rest for every cue
            mention = self._mentions[number]
            if mention.begin >= limit or (rule.kind == INDICATION and mention.type == "MEDICATION"):
                break
            if self._is_another(rule, cue.end, before, mention, limit):
                break
            if not self._stands_apart(cue, rule, mention):
                mark_reached(mention, cue, rule, scope)
            before = mention.end

    def _is_another(self, rule: CueRule, begin: int, before: int, mention: Mention, limit: int) -> bool:
        """Whether a mention after those that the cue at `begin` has reached, up to `before`, is a thing of its own."""
        if rule.kind == ADJACENT:
            between = self._text[before : mention.begin]
            if before > begin:  # `not jaundiced or cyanosed`
                return rule.attribute != "negated" or _EITHER.fullmatch(between) is None
            return not between.isspace() and between != "-"
        if before == begin:
            # `old blood or active bleeding`: the adjective's own noun is no mention.
            noun = _OTHER_NOUN.match(self._text, begin, mention.begin) if rule.name in _OF_ITS_NOUN else None
            return noun is not None or (
                rule.kind == ADJECTIVE and _SOMEBODY.search(self._text, begin, mention.begin) is not None
            )
        if rule.kind == ADJECTIVE:
            return _ACCOMPANIED.search(self._text, before, mention.begin) is not None
        if rule.attribute == "historical":  # `history of renal disease: creatinine 1.2`
            return mention.type == "TEST" and ":" in self._text[before : mention.begin]
        return rule.attribute == "negated" and is_fresh(self._text, before, mention, limit)

    def _stands_apart(self, cue: CueHit, rule: CueRule, mention: Mention) -> bool:
        """Whether a test, a procedure or a drug before the cue's reach ends is not what the cue speaks of."""
        link = _CLOSE_TYPES.get(mention.type)
        if link is None:
            return False
        if link.search(self._text, cue.end, mention.begin):
            return True
        if rule.attribute != "negated" or self._text.find(",", cue.end, mention.begin) < 0:
            return False
        return any(attribute.type == "VALUE" for attribute in mention.attributes)

    def reach_behind(self, cue: CueHit, rule: CueRule) -> bool:
        """Reach what the cue directly follows (`rash hx`), and say whether there is such a thing."""
        last = bisect_left(self._begins, cue.begin) - 1
        if last < 0 or self._text[self._mentions[last].end : cue.begin] != " " or self._text.startswith(":", cue.end):
            return False
        mention = self._mentions[last]
        if rule.attribute == "hypothetical" and mention.type == "MEDICATION":
            return False  # `ibuprofen if needed` is taken
        mark_reached(mention, cue, rule, (mention.begin, mention.end))
        return bool(mention.assertion.get(rule.attribute))

    def reach_backward(self, place: int, cue: CueHit, rule: CueRule) -> None:
        last = bisect_left(self._begins, cue.begin)
        if last == 0 or self._speaks_of_another(cue, rule):
            return
        limit = self._backward_limit(place, cue, rule)
        scope = self._words_between(limit, cue.begin)
        if rule.name.endswith("{ended}") and is_pending(self._text, limit, cue.begin, cue.end):
            return
        if rule.attribute == "negated" and "out" in rule.name and is_pending(self._text, limit, cue.begin):
            rule = _UNCERTAIN_UNTIL
        nearest_only = rule.attribute == "uncertain" and " " not in rule.name
        ended = cue.begin if rule.name.endswith("{ended}") else None
        for number in range(last - 1, -1, -1):
            mention = self._mentions[number]
            if mention.begin < limit:
                break
            if ended is not None and mention.type == "PROBLEM":
                if ended < cue.begin and not ends_with(self._text, mention.end, ended):
                    break
                ended = mention.begin
            if rule.attribute != "negated" or not any(a.type == "VALUE" for a in mention.attributes):
                mark_reached(mention, cue, rule, scope)
            if nearest_only:
                break

    def _words_between(self, begin: int, end: int) -> tuple[int, int]:
        """A stretch without the white space at its ends."""
        words = self._text[begin:end]
        return begin + len(words) - len(words.lstrip()), begin + len(words.rstrip())

    def reach_reasons(self, cue: CueHit, rule: CueRule) -> None:
        """Reach back over what a drug is for: `for pain or fever as needed`."""
        end = cue.begin
        for number in range(bisect_left(self._begins, cue.begin) - 1, -1, -1):
            mention = self._mentions[number]
            if not _JOINED.fullmatch(self._text, mention.end, end):
                break
            if _FOR.search(self._text, max(0, mention.begin - _REASON_REACH), mention.begin):
                mark_reached(mention, cue, rule, (mention.begin, cue.begin))
            end = mention.begin

    def _speaks_of_another(self, cue: CueHit, rule: CueRule) -> bool:
        """Whether the cue acts forward here, since a mention follows it (`, denies pain`), or on a word before it."""
        if rule.attribute == "negated" and self._text[cue.begin - 1] == "-":
            # `catalase-negative` speaks of the catalase, mention or not, and `tumor-negative` of the mention.
            return self._mentions[bisect_left(self._begins, cue.begin) - 1].end != cue.begin - 1
        kinds = {other.kind for other in cue.meaning.rules if other.attribute == rule.attribute}
        if rule.attribute == "uncertain" and ADJECTIVE in kinds and _OWN_NOUN.match(self._text, cue.end):
            return True
        following = bisect_left(self._begins, cue.end)
        if following == len(self._begins):
            return False
        between = self._text[cue.end : self._begins[following]]
        if ADJECTIVE in kinds and between.isspace():
            return True
        if rule.attribute != "negated":
            return False  # `gastritis versus ulcer` speaks of both
        return FORWARD in kinds and len(between) <= _LEAD and _CLAUSE_END.search(between) is None

    def _forward_limit(self, place: int, cue: CueHit, rule: CueRule) -> int:
        text, end = self._text, self._sentences.at(cue.begin)[1]
        limit = min(cue.end + _FORWARD_REACH, len(text))
        if rule.attribute != "family":  # a family history is a section, and says so
            end = list_end(text, cue.end, end, limit, self._sentences)
        end = min(end, limit)
        if rule.kind == ADJECTIVE:
            end = min(end, cue.end + _ADJECTIVE_REACH)
            ends = [at for stop in _ADJECTIVE_ENDS if (at := text.find(stop, cue.end, end)) >= 0]
            if verb := _ADJECTIVE_VERB.search(text, cue.end, end):
                ends.append(verb.start())
            end = min(ends, default=end)
        else:
            # `history of ulcer, with nausea now`
            stops = (";", ", with ") if rule.attribute == "historical" else (";",)
            end = min((at for stop in stops if (at := text.find(stop, cue.end, end)) >= 0), default=end)
        for number in range(place + 1, len(self.cues)):
            other = self.cues[number]
            if other.begin >= end:
                break
            if other.begin >= cue.end and rule.attribute in other.meaning.ended and not self._is_own_clause(cue, other):
                return other.begin
        return end

    def _is_own_clause(self, cue: CueHit, other: CueHit) -> bool:
        between = self._text[cue.end : other.begin].strip().lower()
        return between in _OWN_CLAUSE or (not between and self._text[other.begin : other.end].lower() in _OWN_VERBS)

    def _backward_limit(self, place: int, cue: CueHit, rule: CueRule) -> int:
        reach = _BACKWARD_REACH_OF_ALL if ":all " in rule.name else _BACKWARD_REACH
        begin = self._sentences.at(cue.begin)[0]
        if cue.begin - begin > reach:
            farthest, begin = max(begin, cue.begin - _BACKWARD_REACH_OF_ALL), cue.begin - reach
            if rule.attribute == "negated":
                first = bisect_left(self._begins, begin)
                begin = min(begin, list_begin(self._text, self._mentions, first, farthest))
        begin = max(begin, self._text.rfind(";", begin, cue.begin) + 1)
        end = "family" if rule.attribute == "family" else "backward"  # `gout, which runs in the family`
        for number in range(place - 1, -1, -1):
            other = self.cues[number]
            if other.end <= begin:
                break
            told = other.meaning
            if other.end <= cue.begin and (end in told.ended or rule.attribute in told.said or told.is_backward):
                return other.end
        return begin
