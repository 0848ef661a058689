"""Rules of medSpaCy as JSON: `TargetRule` as terms, `ConTextRule` as cues.

Format: `TargetRule.to_dict` and `ConTextRule.to_dict` of medspacy 1.3 (https://github.com/medspacy/medspacy).
"""

import json
from itertools import product
from typing import Any

from hctap_core.entities import EntityType
from hctap_core.errors import UnsupportedInput
from hctap_nlp.vocabulary.imports.kinds import Part
from hctap_nlp.vocabulary.imports.reading import Reading, Rows
from hctap_nlp.vocabulary.rows import CodeRow, Row

_TYPES = {
    **dict.fromkeys(("PROBLEM", "DIAGNOSIS", "CONDITION", "DISEASE", "DISORDER"), "PROBLEM"),
    **dict.fromkeys(("SYMPTOM", "FINDING", "SIGN"), "PROBLEM"),
    **dict.fromkeys(("MEDICATION", "DRUG", "MED", "MEDS"), "MEDICATION"),
    **dict.fromkeys(("TEST", "LAB", "LABS", "VITAL", "VITALS", "IMAGING"), "TEST"),
    **dict.fromkeys(("PROCEDURE", "SURGERY", "OPERATION", "INTERVENTION"), "PROCEDURE"),
    **dict.fromkeys(("ANATOMY", "BODY_PART", "BODY_SITE", "ANATOMIC_SITE"), "ANATOMY"),
}
_ATTRIBUTES = {
    "NEGATED_EXISTENCE": "negated",
    "DEFINITE_NEGATED_EXISTENCE": "negated",
    "PROBABLE_NEGATED_EXISTENCE": "negated",
    "POSSIBLE_EXISTENCE": "uncertain",
    "PROBABLE_EXISTENCE": "uncertain",
    "UNCERTAIN": "uncertain",
    "AMBIVALENT_EXISTENCE": "uncertain",
    "HISTORICAL": "historical",
    "HYPOTHETICAL": "hypothetical",
    "FUTURE": "hypothetical",
    "FAMILY": "family",
}
_DIRECTIONS = {
    "FORWARD": ("forward",),
    "BACKWARD": ("backward",),
    "BIDIRECTIONAL": ("forward", "backward"),
    "TERMINATE": ("terminator",),
    "PSEUDO": ("pseudo",),
}
_MOST_WORDINGS = 50


def read_target_rules(reading: Reading) -> Rows:
    """A row for each rule whose category is of an entity type and whose pattern is a list of words."""
    reading.state_licence("yours")
    for rule in _rules(reading, "target_rules"):
        category = str(rule.get("category", "")).upper()
        entity_type = EntityType(_TYPES[category]) if category in _TYPES else reading.type
        forms = _wordings(rule)
        if entity_type is None:
            reading.left_out["category of no entity type"] += 1
        elif not forms:
            reading.left_out["pattern that is no list of words"] += 1
        else:
            literal = str(rule["literal"])
            code = str((rule.get("attributes") or {}).get("icd10") or "")
            codes = (CodeRow("ICD-10-CM", code, literal, ""),) if code else ()
            yield Row(entity_type, literal, forms, reading.source, codes)


def read_context_rules(reading: Reading) -> Rows:
    """No rows; fills in the reading's cues."""
    reading.state_licence("yours")
    for rule in _rules(reading, "context_rules"):
        attribute = _ATTRIBUTES.get(str(rule.get("category", "")).upper())
        directions = _DIRECTIONS.get(str(rule.get("direction", "FORWARD")).upper())
        forms = _wordings(rule)
        if directions is None:
            reading.left_out["direction that is not known"] += 1
        elif attribute is None and directions[0] not in ("terminator", "pseudo"):
            reading.left_out["category of no assertion attribute"] += 1
        elif not forms:
            reading.left_out["pattern that is no list of words"] += 1
        else:
            _keep(reading, forms, directions, attribute or "all", problems_only=_is_for_problems(rule))
    yield from ()


def _keep(
    reading: Reading, forms: tuple[str, ...], directions: tuple[str, ...], attribute: str, *, problems_only: bool
) -> None:
    for form in forms:
        for direction in directions:
            name = f"{reading.source}:{attribute}.{direction}:{form}"
            cue = {"cue": form, "direction": direction, "attribute": attribute, "problems_only": problems_only}
            reading.cues.append(cue | {"name": name})


def _rules(reading: Reading, key: str) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    for file in reading.files[Part.NAMES]:
        try:
            found = json.loads("".join(file.lines(reading.advance)))[key]
            rules += [rule for rule in found if isinstance(rule, dict) and rule.get("literal")]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise UnsupportedInput(
                f"{file.name} has no list of rules called {key}.", remedy="Export it with medSpaCy's `to_json`."
            ) from None
        reading.left_out["rule without a literal"] += len(found) - sum(
            1 for rule in found if isinstance(rule, dict) and rule.get("literal")
        )
    return rules


def _is_for_problems(rule: dict[str, Any]) -> bool:
    allowed = rule.get("allowed_types") or ()
    return {_TYPES.get(str(one).upper()) for one in allowed} == {"PROBLEM"}


def _wordings(rule: dict[str, Any]) -> tuple[str, ...]:
    """The word sequences that a rule matches: of its literal, or of its pattern where that is a list of words."""
    pattern = rule.get("pattern")
    if not pattern:
        return (str(rule["literal"]),)
    if isinstance(pattern, str):
        return ()  # a regular expression
    choices = [_words_of(token) for token in pattern]
    count = 1
    for choice in choices:
        count *= len(choice)
    if not 0 < count <= _MOST_WORDINGS:
        return ()
    return tuple(" ".join(word for word in words if word) for words in product(*choices))


def _words_of(token: object) -> tuple[str, ...]:
    """What may stand at a token's place; nothing where it is more than words."""
    if not isinstance(token, dict) or not set(token) <= {"LOWER", "TEXT", "ORTH", "OP"}:
        return ()
    said = next((token[key] for key in ("LOWER", "TEXT", "ORTH") if key in token), None)
    words = tuple(said["IN"]) if isinstance(said, dict) and set(said) == {"IN"} else (said,)
    if not all(isinstance(word, str) for word in words) or token.get("OP", "1") not in ("1", "?"):
        return ()
    return ("", *words) if token.get("OP") == "?" else words
