"""Where a cue's reach ends, or goes on, by the form of the text and not by a word of the cue table."""

import re
from collections.abc import Sequence

from hctap_nlp.extraction import Mention
from hctap_nlp.sentences import Sentences

_OPENS = re.compile(r"[ \t]*(?:\([^()\n]{0,40}\)[ \t]*)?:?[ \t,]*(?:\r?\n)?")
_ITEM = re.compile(r"[ \t]*(?:[-*•]|\(?\d{1,2}[.)]|[a-z][.)])[ \t]+\S")
# `no effusion, small hiatal hernia`: what begins so after a comma is seen; in a list with `or` it is denied as well.
_FRESH = re.compile(
    r"\s*(?:only|just|mild(?:ly)?|moderate|trace|minimal|small|stable|unchanged|persistent|residual|known|chronic"
    r"|elevated|raised|increased|reduced|decreased|low|high|normal|multiple|several"
    r"|positive|\+|some|there (?:is|are)|an? (?:very|severe|large|tight|mild|small|moderate))\b",
    re.IGNORECASE,
)
# `without residual carcinoma and multiple fibroadenomas`
_FRESH_AND = re.compile(
    r"\band\s+(?:only|just|multiple|several|numerous|normal|intact|two|three)\s+(?:[\w-]+\s+){0,2}$"
)
_FRESH_AFTER = re.compile(
    r"\s+(?:(?:is|are|was|were|remains?)\s+)?(?:unchanged|stable|preserved|intact|maintained|normal|persists?|present|improving|worse|better|only)\b",
    re.IGNORECASE,
)
# `no rebleeding, and angiography showed …`, `no renal disease: creatinine 1.2`: a test with its result.
_SHOWS = re.compile(
    r"\s+(?:\([^()\n]{0,20}\)\s*)?(?:also\s+)?(?:shows?|showed|reveal(?:s|ed)|demonstrate[sd]|confirm(?:s|ed))\b",
    re.IGNORECASE,
)
# `until tuberculosis is ruled out`: it has not been yet; `once the infection is resolved`, not `when it resolved`.
_PENDING = re.compile(r"\b(?:until|unless|once|if|whether|till)\b[^.;,\n]*$", re.IGNORECASE)
_NOT_YET = re.compile(r"\b(?:is|are|has|have)\b(?:\s+\w+){0,2}$", re.IGNORECASE)
_LISTED = re.compile(r"[ ]?(?:\([^()\n]{1,12}\))?[ ]?(?:,|/|,?[ ]?\b(?:or|and)\b)[ ]?(?:\w+[ ])?", re.IGNORECASE)
# ` of the ankles and `, and not `, his` of `Regarding his AIDS, his rash resolved`
_TOGETHER = re.compile(
    r"(?:[ ](?:of|in|on)[ ](?:(?:the|his|her)[ ])?\w+(?:[ ]\w+)?)?(?:[ ]\([^()\n]{1,20}\))?[ ]?"
    r"(?:,?[ ]?\b(?:or|and|as well as)\b[ ](?:\w+[ ]){0,2}|,[ ](?!(?:his|her|the|their|my|our)\b)(?:\w+[ ])?"
    r"|/[ ]?|[ ]?with[ ])",
    re.IGNORECASE,
)
_OR = re.compile(r"\b(?:n?or)\b", re.IGNORECASE)


def list_end(text: str, cue_end: int, end: int, limit: int, sentences: Sentences) -> int:
    """The end of the reach of a cue in a sentence that ends at `end`: a cue that heads a list reaches its items.

    No further than about `limit`, so that long lists take linear time.
    """
    opened = _OPENS.match(text, cue_end)
    if opened is None or opened.end() < end or ":" not in text[cue_end - 1 : opened.end()]:
        return end
    end = opened.end()
    if "\n" not in opened[0] or not _ITEM.match(text, end):
        return sentences.at(end)[1]
    while end < limit and _ITEM.match(text, end):
        end = text.find("\n", end) + 1 or len(text)
    return end


def list_begin(text: str, mentions: Sequence[Mention], place: int, limit: int) -> int:
    """Where the list begins that the mention at `place` is in: `nausea, rash, edema and cough were not seen`."""
    while (
        0 < place < len(mentions)
        and mentions[place - 1].begin >= limit
        and _LISTED.fullmatch(text, mentions[place - 1].end, mentions[place].begin)
    ):
        place -= 1
    return mentions[place].begin if place < len(mentions) else len(text)


def is_pending(text: str, begin: int, cue_begin: int, cue_end: int | None = None) -> bool:
    """Whether what a cue tells of has not happened yet; with the cue's end its verb must stand in the present."""
    if not _PENDING.search(text, begin, cue_begin):
        return False
    return cue_end is None or _NOT_YET.search(text, begin, cue_end) is not None


def ends_with(text: str, begin: int, end: int) -> bool:
    """Whether what stands between two problems joins them to one that ended: `his fever and his rash resolved`."""
    return _TOGETHER.fullmatch(text, begin, end) is not None


def is_fresh(text: str, begin: int, mention: Mention, limit: int) -> bool:
    """Whether a mention after a negated one is a finding of its own: `no crackles, expiratory wheeze present`."""
    if mention.type == "TEST" and ":" in text[begin : mention.begin]:
        return True
    if mention.type in {"TEST", "PROCEDURE"} and _SHOWS.match(text, mention.end):
        return True
    if _FRESH_AND.search(text, begin, mention.begin):
        return True
    comma = max(text.rfind(",", begin, mention.begin), text.rfind(" - ", begin, mention.begin))
    if comma < 0:
        return False
    if not (_FRESH.match(text, comma + 1, mention.end) or _FRESH_AFTER.match(text, mention.end, limit)):
        return False
    return not _OR.search(text, comma, limit)
