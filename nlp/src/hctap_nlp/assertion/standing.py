"""Which cues count by where they stand: outside mentions, at the begin of one, or within a span that was given."""

import re
from collections.abc import Sequence

from hctap_nlp.assertion.cues import ADJECTIVE, FORWARD, CueHit, CueRule
from hctap_nlp.extraction import FoundCue, Mention

_DENIAL = re.compile(r"(?:no|without|denie[sd]|deny(?:ing)?|nor)[ ]+(?:(?:any|evidence of)[ ]+)?", re.IGNORECASE)
# A span of others may hold its own denial (`no signs of endocarditis` as one span); that of a vocabulary is a finding.
_OWN_DENIAL = re.compile(r"(?:no|without|denie[sd]|negative for|(?:do|does|did) not)\b", re.IGNORECASE)


def counting(text: str, cues: list[CueHit], mentions: Sequence[Mention]) -> list[CueHit]:
    """The cues outside mentions; an adjective that begins a mention (`old infarct`) acts on that mention."""
    kept, place = [], 0
    for found in cues:
        while place < len(mentions) and mentions[place].end <= found.begin:
            place += 1
        # A gap of a pattern holds no mention: then the pattern's word counts alone.
        cue = found if place == len(mentions) or mentions[place].begin >= found.end else found.without_gap()
        if not cue.meaning.said and found.meaning.said:
            kept.append(found)  # `none of the masses is suspicious for malignancy`: the masses are there
        elif place == len(mentions) or mentions[place].begin >= cue.end:
            kept.append(cue)
        elif cue.end < mentions[place].end:
            kept += _within(text, cue, mentions[place])
    return kept


def _within(text: str, cue: CueHit, mention: Mention) -> list[CueHit]:
    """What counts of a cue that ends within a mention; what it says of that mention is marked."""
    is_denial = mention.method == "model" and _OWN_DENIAL.match(text, cue.begin, cue.end) is not None
    if cue.begin == mention.begin:
        for rule in cue.meaning.rules:
            if rule.kind == ADJECTIVE or (is_denial and rule.kind == FORWARD and rule.attribute == "negated"):
                mark_reached(mention, cue, rule, (cue.end, mention.end))
    elif cue.begin > mention.begin:
        return [cue] if is_denial else []  # `supple, no nodes` as one span, and what follows it
    elif _DENIAL.fullmatch(text, cue.begin, mention.begin):
        # `no symptoms of hypoglycemia`, where the symptoms belong to the mention: what stands before it acts on it.
        return [cue._replace(end=mention.begin)]
    return []


def mark_reached(mention: Mention, cue: CueHit, rule: CueRule, scope: tuple[int, int]) -> None:
    """Set what a rule of a cue says of a mention in its scope, and name the cue; what is set already stays."""
    if mention.type == "ANATOMY" or mention.assertion.get(rule.attribute):
        return  # a part of the body is neither denied nor past
    if rule.of_problems is not None and rule.of_problems != (mention.type == "PROBLEM"):
        return
    mention.assertion[rule.attribute] = True
    mention.cues.append(FoundCue(rule.attribute, cue.begin, cue.end, rule.name, scope))
