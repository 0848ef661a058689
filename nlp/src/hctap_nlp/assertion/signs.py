"""Signs and sections that assert: `+JVD`, `(-) fever`, `? stroke`, `fever: none`; the family history section."""

import re

from hctap_core.sections import SectionType
from hctap_nlp.extraction import FoundCue, Mention

_NEGATIVE_AFTER = re.compile(
    r"[ \t]*(?::[ \t]*|[-=–][ \t]+|\()"
    r"(?P<cue>(?:none|no|neg(?:ative)?|nil|absent|denie[sd]|never|not present)(?=[ \t]*(?:[.,;)\n]|$))|[-–](?=\)))",
    re.IGNORECASE,
)
_NEGATIVE_BEFORE = re.compile(r"(?:\((?P<cue>[-–])\)[ \t]*|(?:^|(?<=[\s,/(]))(?P<sign>[-–]))$")
_POSITIVE_BEFORE = re.compile(r"(?:\+[ \t]?|\(\+\)[ \t]*)$")
_QUERY_BEFORE = re.compile(r"(?<![\w?])(?P<cue>\?{1,2})[ \t]?$")
_YEAR_AFTER = re.compile(
    r"[ \t]*(?:\([^()\n]{0,12}|,?[ \t]*(?:in|around|at)[ \t]+(?:the[ \t]+)?|,?[ \t]*)"
    r"(?P<cue>(?:(?:early|mid|late)[- ])?(?:19|20)\d\ds?|age[ \t]+\d{1,2})\b(?![ \t]*[/%-])",
)
_YEAR_BEFORE = re.compile(r"(?:^|[\s(,:;])(?P<cue>(?:19|20)\d\d)[ ]?[:\-–]?[ ](?:s/p[ ]|had[ ])?$")
_LOOK_BACK = 4
_YEAR_REACH = 14
# Infections, infarcts, clots, appendicitis, stones, complications of pregnancy and birth, injuries.
_ACUTE = tuple(
    "A B I21 I22 I26 I60 I61 I62 I63 I64 I80 I82 J0 J1 J20 J21 J22 K35 K36 K37 K85 N10 N20 N30 O P S T U07".split()  # noqa: SIM905
)
_LASTING = ("B18", "B20", "B90", "B91", "B94", "T78", "T88.7", "Z")
_LINE_BEGIN = re.compile(r"(?:^|\n)[ \t]*$")
_DATED = frozenset({"PROBLEM", "PROCEDURE"})
_SECTION_RULES: dict[str, tuple[str, frozenset[str]]] = {
    SectionType.FAMILY_HISTORY.value: ("family", frozenset({"PROBLEM", "PROCEDURE"})),
    SectionType.PAST_SURGICAL_HISTORY.value: ("historical", frozenset({"PROCEDURE"})),
    SectionType.PAST_MEDICAL_HISTORY.value: ("historical", frozenset({"PROCEDURE"})),
    SectionType.BIRTH_HISTORY.value: ("historical", frozenset({"PROBLEM", "PROCEDURE"})),
    SectionType.OBSTETRIC_HISTORY.value: ("historical", frozenset({"PROBLEM", "PROCEDURE"})),
    # What stands beside a drug in an allergy list is a reaction that once happened.
    SectionType.ALLERGIES.value: ("historical", frozenset({"PROBLEM"})),
}


def read_signs(text: str, mention: Mention) -> None:
    """Let the signs directly around a mention decide: a plus takes a negation back."""
    before = text[max(0, mention.begin - _LOOK_BACK) : mention.begin]
    offset = mention.begin - len(before)
    if _POSITIVE_BEFORE.search(before):
        if mention.assertion.pop("negated", None):
            mention.cues[:] = [cue for cue in mention.cues if cue.attribute != "negated"]
    elif found := _NEGATIVE_BEFORE.search(before):
        name = "cue" if found["cue"] else "sign"
        # A hyphen at a line's begin is a bullet.
        if name == "cue" or not _LINE_BEGIN.search(text, max(0, mention.begin - 40), offset + found.start(name)):
            _mark(mention, "negated", offset + found.start(name), 1, "negated.sign:(-)")
    elif found := _QUERY_BEFORE.search(before):
        _mark(mention, "uncertain", offset + found.start("cue"), len(found["cue"]), "uncertain.sign:?")
    if found := _NEGATIVE_AFTER.match(text, mention.end):
        _mark(mention, "negated", found.start("cue"), len(found["cue"]), "negated.value")
    if mention.type in _DATED and (year := _year_before(text, mention.begin)):
        _mark(mention, "historical", *year, "historical.year")
    if mention.type in _DATED and (found := _YEAR_AFTER.match(text, mention.end)):
        _mark(mention, "historical", found.start("cue"), len(found["cue"]), "historical.year")


def _year_before(text: str, begin: int) -> tuple[int, int] | None:
    """Begin and length of a year directly before a place (`2021 cesarean section`)."""
    offset = max(0, begin - _YEAR_REACH)
    found = _YEAR_BEFORE.search(text[offset:begin])
    return (offset + found.start("cue"), len(found["cue"])) if found else None


def read_section(mention: Mention) -> None:
    """Let the section decide where it alone says enough; the cue is an empty span at the mention.

    In a past medical history a lasting disease is still there, an acute one is over.
    """
    if mention.section == SectionType.PAST_MEDICAL_HISTORY.value and _is_acute(mention):
        _mark(mention, "historical", mention.begin, 0, "section:past_medical_history, acute by ICD-10-CM")
    rule = _SECTION_RULES.get(mention.section)
    # What a family history denies, it denies of the family.
    if rule and mention.type in rule[1] and (rule[0] == "family" or not mention.assertion.get("negated")):
        _mark(mention, rule[0], mention.begin, 0, f"section:{mention.section}")
    if mention.assertion.get("family") and mention.assertion.get("historical"):
        _drop_family_history(mention)


def _drop_family_history(mention: Mention) -> None:
    """Take `historical` back where only words such as `history of` said it: they name the family history."""
    said = [cue for cue in mention.cues if cue.attribute == "historical"]
    if all("history" in cue.rule or "hx" in cue.rule or "h/o" in cue.rule for cue in said):
        mention.assertion["historical"] = False
        mention.cues[:] = [cue for cue in mention.cues if cue.attribute != "historical"]


def _is_acute(mention: Mention) -> bool:
    if mention.type != "PROBLEM" or mention.assertion.get("negated"):
        return False
    code = next((code[1] for code in mention.codes if code[0] == "ICD-10-CM"), "")
    return code.startswith(_ACUTE) and not code.startswith(_LASTING)


def _mark(mention: Mention, attribute: str, begin: int, length: int, rule: str) -> None:
    if not mention.assertion.get(attribute):
        mention.assertion[attribute] = True
        mention.cues.append(FoundCue(attribute, begin, begin + length, rule))
