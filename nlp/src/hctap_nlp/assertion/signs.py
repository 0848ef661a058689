"""Signs and sections that assert: `+JVD`, `(-) fever`, `? stroke`, `fever: none`, ticked boxes; the family history."""

import re
from collections.abc import Sequence
from itertools import pairwise

from hctap_core.sections import SectionType
from hctap_nlp.extraction import FoundCue, Mention

# What ends an answer: punctuation, the line, a gap between columns, the next question.
_ANSWER_END = r"(?=[ \t]*(?:[.,;)\n]|$)|[ \t]{2}|[ \t]+[A-Z][\w /]{1,30}:)"
_SINCE = r"(?=[ ]+(?:since|for|in|during|at|today|now|currently|recently|this|over)\b)"
# `asthma/COPD?`, `steroid use?`
_ASKED_OF = r"(?:/[^?\n/]{1,30})?(?:[ ](?i:use|usage|history|problems?|symptoms?|disease))?"
_NEGATIVE_AFTER = re.compile(
    r"[ \t]*(?::[ \t]*|[-=–][ \t]+|\()"
    rf"(?P<cue>(?i:none|no|neg(?:ative)?|nil|absent|denie[sd]|never|not present|non-?smoker)"
    rf"{_ANSWER_END}"
    rf"|(?i:none|nil|absent|denie[sd]|never){_SINCE}|[-–](?=\)))"
    rf"|{_ASKED_OF}\?[ \t]*(?P<answer>(?i:no|none|denies|never))"
    r"(?=[ \t]*[.,;\n]|[ \t]*$|[ ]+[A-Z][\w /]{1,30}\?)",
)
_POSITIVE_AFTER = re.compile(
    rf"(?:[ \t]*(?::[ \t]*|[-=–][ \t]+)|{_ASKED_OF}[ \t]*\?[ \t]*)(?i:yes|present|positive|pos|\+){_ANSWER_END}"
    r"|[ \t]*(?:\(\+\)|[+](?=[ \t]*(?:[,;.\n]|$)))"
)
# An empty box is an answer where other boxes are ticked; elsewhere it is a thing to do.
_NEGATIVE_BEFORE = re.compile(
    r"(?:\((?P<cue>[-–])\)[ \t]*|(?:^|(?<=[\s,/(]))(?P<sign>[-–])|(?<=[,;])[ ](?P<item>[-–])[ ])$"
)
_BOX_REACH = 400
_EMPTY_BOX = re.compile(r"\[[ _]?\][ \t]*$")
_TICKED_BOX = re.compile(r"\[[xX✓]\]")
_BRACKETED = re.compile(r"\([-–]\)")
_MINUS = "negated.sign:(-)"
_LISTED = re.compile(r"[ ]?(?:(?:,|/|(?:or|and|such as|including)\b)[ ]?)*", re.IGNORECASE)
_POSITIVE_BEFORE = re.compile(r"(?:\+[ \t]?|\(\+\)[ \t]*)$")
_QUERY_BEFORE = re.compile(r"(?<![\w?])(?P<cue>\?{1,2})[ \t]?$")
_LOOK_BACK = 4
_QUESTION_REACH = 40
# `asthma/COPD?`: a form that goes on below its list of allergies asks about something else.
_ASKED = re.compile(r"[\w /]{0,40}\?")
_UNDONE = frozenset({"none", "denied", "denies", "never"})
_SIGN_ENDS, _ANSWER_BEGINS = frozenset("+-–)?]"), frozenset(":-=–(?+")
# Infections, infarcts, clots, appendicitis, stones, complications of pregnancy and birth, injuries.
_ACUTE = tuple(
    "A B I21 I22 I26 I60 I61 I62 I63 I64 I80 I82 J0 J1 J20 J21 J22 K35 K36 K37 K85 N10 N20 N30 "  # noqa: SIM905
    "N39.0 O P S T U07".split()
)
# Diseases that one has from then on: diabetes, hypertension, lung disease, dementia, schizophrenia, kidney failure.
_CHRONIC = tuple(
    "B18 B20 D51 D57 D66 D67 D68 E03 E05 E06 E10 E11 E13 E66 E78 F01 F02 F03 F20 F25 F31 F33 F41 F84 F90 "  # noqa: SIM905
    "G20 G30 G35 G40 G43 G47 H35.3 H40 I10 I11 I12 I13 I25 I27 I42 I48 I50 I70 I73 I87 J41 J42 J43 J44 J45 J47 J60 J61 "
    "J62 J84 K21 K50 K51 K58 K70 K73 K74 L40 M05 M06 M10 M15 M16 M17 M18 M19 M32 M45 M79.7 M81 N18 N40 Q".split()
)
_OF_A_HISTORY = ("history", "hx", "h/o")
_ITEM_OF_HISTORY = frozenset(f"historical.forward:{words}" for words in ("history of", "hx of", "h/o"))
_LASTING = ("B18", "B20", "B90", "B91", "B94", "T78", "T88.7", "Z")
_LINE_BEGIN = re.compile(r"(?:^|\n)[ \t]*$")
_SECTION_RULES: dict[str, tuple[str, frozenset[str]]] = {
    SectionType.FAMILY_HISTORY.value: ("family", frozenset({"PROBLEM", "PROCEDURE"})),
    SectionType.PAST_SURGICAL_HISTORY.value: ("historical", frozenset({"PROCEDURE"})),
    SectionType.PAST_MEDICAL_HISTORY.value: ("historical", frozenset({"PROCEDURE"})),
    SectionType.BIRTH_HISTORY.value: ("historical", frozenset({"PROBLEM", "PROCEDURE"})),
    SectionType.OBSTETRIC_HISTORY.value: ("historical", frozenset({"PROBLEM", "PROCEDURE"})),
    # What stands beside a drug in an allergy list is a reaction that once happened.
    SectionType.ALLERGIES.value: ("historical", frozenset({"PROBLEM"})),
}


def answered_spans(text: str, mentions: Sequence[Mention]) -> set[int]:
    """Where the answers begin that belong to a mention before them and to nothing after (`dysuria: no`)."""
    found = (_NEGATIVE_AFTER.match(text, mention.end) for mention in mentions if _has_answer(text, mention))
    return {match.start(match.lastgroup or 0) for match in found if match}


def _has_answer(text: str, mention: Mention) -> bool:
    after = text[mention.end : mention.end + _QUESTION_REACH]
    return after[:_LOOK_BACK].lstrip(" \t")[:1] in _ANSWER_BEGINS or "?" in after


def read_signs(text: str, mention: Mention) -> None:
    """Let the signs directly around a mention decide: a plus takes a negation back."""
    before = text[max(0, mention.begin - _LOOK_BACK) : mention.begin]
    if before.rstrip(" \t")[-1:] in _SIGN_ENDS:
        _read_before(text, mention, before)
    if not _has_answer(text, mention):
        return
    if _POSITIVE_AFTER.match(text, mention.end):
        unmark(mention, "negated")
        unmark(mention, "hypothetical")  # an answer, also in a list of what to look for
    elif found := _NEGATIVE_AFTER.match(text, mention.end):
        group = found.lastgroup or "cue"
        if mention.type == "TEST" and found[group].lower() not in _UNDONE:
            return  # a result
        mark(mention, "negated", found.start(group), len(found[group]), "negated.value")
        unmark(mention, "hypothetical")


def spread_signs(text: str, mentions: Sequence[Mention]) -> None:
    """Let a minus in brackets deny the list that it heads: `(-) fever, chills or rash`."""
    if not _BRACKETED.search(text):
        return
    for before, mention in pairwise(mentions):
        sign = next((cue for cue in before.cues if cue.rule == _MINUS), None)
        if sign is None or mention.type != before.type or not _LISTED.fullmatch(text, before.end, mention.begin):
            continue
        if text[sign.begin - 1 : sign.begin] == "(" and not mention.assertion.get("negated"):
            mark(mention, "negated", sign.begin, 1, _MINUS)


def _read_before(text: str, mention: Mention, before: str) -> None:
    offset = mention.begin - len(before)
    if _POSITIVE_BEFORE.search(before):
        unmark(mention, "negated")
    elif found := _NEGATIVE_BEFORE.search(before):
        name = found.lastgroup or "cue"
        # A hyphen at a line's begin is a bullet.
        if name != "sign" or not _LINE_BEGIN.search(text, max(0, mention.begin - 40), offset + found.start(name)):
            mark(mention, "negated", offset + found.start(name), 1, _MINUS)
    elif found := _QUERY_BEFORE.search(before):
        mark(mention, "uncertain", offset + found.start("cue"), len(found["cue"]), "uncertain.sign:?")
    elif (
        mention.type == "PROBLEM"
        and (box := _EMPTY_BOX.search(before))
        and _TICKED_BOX.search(text, max(0, mention.begin - _BOX_REACH), mention.end + _BOX_REACH)
    ):
        mark(mention, "negated", offset + box.start(), len(box[0].rstrip()), "negated.sign:[ ]")


def read_section(text: str, mention: Mention) -> None:
    """Let the section decide where it alone says enough; the cue is an empty span at the mention.

    In a past medical history a lasting disease is still there, an acute one is over.
    """
    if mention.section == SectionType.PAST_MEDICAL_HISTORY.value and _is_acute(mention):
        mark(mention, "historical", mention.begin, 0, "section:past_medical_history, acute by ICD-10-CM")
    if mention.assertion.get("historical"):
        _drop_history(mention)
    rule = _SECTION_RULES.get(mention.section)
    if rule and mention.section == SectionType.ALLERGIES.value and _ASKED.match(text, mention.end):
        return
    # What a family history denies, it denies of the family; an operation that was not done is not past.
    if rule and mention.type in rule[1] and (rule[0] == "family" or not mention.assertion.get("negated")):
        mark(mention, rule[0], mention.begin, 0, f"section:{mention.section}")
    if mention.assertion.get("family") and mention.assertion.get("historical"):
        _drop_family_history(mention)


def _drop_family_history(mention: Mention) -> None:
    """Take `historical` back where only words such as `history of` or an age said it: both belong to the family."""
    said = [cue for cue in mention.cues if cue.attribute == "historical"]
    if all(any(word in cue.rule for word in _OF_A_HISTORY) or cue.rule == "historical.year" for cue in said):
        unmark(mention, "historical")


def _drop_history(mention: Mention) -> None:
    """Take `historical` back where `history of` only names the section's kind: what lasts, what is asked of now."""
    said = [cue for cue in mention.cues if cue.attribute == "historical"]
    if not said or any(all(word not in cue.rule for word in _OF_A_HISTORY) for cue in said):
        return
    if mention.section == SectionType.REVIEW_OF_SYSTEMS.value:
        if mention.assertion.get("negated"):
            unmark(mention, "historical")
    elif (
        mention.section == SectionType.PAST_MEDICAL_HISTORY.value
        and said[0].end + 1 == mention.begin
        and said[0].rule in _ITEM_OF_HISTORY
        and _has_code(mention, _CHRONIC)
    ):
        unmark(mention, "historical")


def _is_acute(mention: Mention) -> bool:
    if mention.type != "PROBLEM" or mention.assertion.get("negated") or mention.assertion.get("uncertain"):
        return False
    return _has_code(mention, _ACUTE) and not _has_code(mention, _LASTING)


def _has_code(mention: Mention, beginnings: tuple[str, ...]) -> bool:
    return next((code[1] for code in mention.codes if code[0] == "ICD-10-CM"), "").startswith(beginnings)


def mark(mention: Mention, attribute: str, begin: int, length: int, rule: str) -> None:
    """Set an attribute with the words that decided it; what is set already stays."""
    if not mention.assertion.get(attribute):
        mention.assertion[attribute] = True
        mention.cues.append(FoundCue(attribute, begin, begin + length, rule))


def unmark(mention: Mention, attribute: str) -> None:
    """Take an attribute back, and its cues with it."""
    if mention.assertion.pop(attribute, None):
        mention.cues[:] = [cue for cue in mention.cues if cue.attribute != attribute]
