"""A row of a user's file: what it may hold is what rows of the curated files hold."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from hctap_core.entities import CodeSystem, EntityType
from hctap_nlp.shadow import shadow_of

Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=200)]
_LETTER = re.compile(r"[^\W\d_]")
_ICD = re.compile(r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?")
_HPO = re.compile(r"HP:\d{7}")


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _ConceptRow(_Row):
    type: EntityType
    icd: Text | None = None
    hpo: Text | None = None
    codes: dict[CodeSystem, Text] = Field(default_factory=dict)
    context: tuple[Text, ...] = ()
    unless: tuple[Text, ...] = ()
    case: Literal["exact"] | None = None

    @field_validator("icd")
    @classmethod
    def _is_icd(cls, code: str | None) -> str | None:
        if code is not None and not _ICD.fullmatch(code):
            raise ValueError("is no ICD-10-CM code; write it with its dot, such as E11.9")
        return code

    @field_validator("hpo")
    @classmethod
    def _is_hpo(cls, code: str | None) -> str | None:
        if code is not None and not _HPO.fullmatch(code):
            raise ValueError("is no HPO code; write it such as HP:0001945")
        return code

    @field_validator("unless")
    @classmethod
    def _are_single_words(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if any(" " in shadow_of(word).strip() for word in words):
            raise ValueError("names words that stand directly beside the term; give one word at a time")
        return words

    def all_codes(self) -> list[tuple[str, str]]:
        """System and code of each code that the row gives, the best first."""
        given = [("ICD-10-CM", self.icd), ("HPO", self.hpo), *((s.value, code) for s, code in self.codes.items())]
        return [(system, code) for system, code in given if code]


class TermRow(_ConceptRow):
    """A term with its other wordings."""

    term: Text
    also: tuple[Text, ...] = ()
    # Curated drug rows mark classes of drugs so; a copied row stays valid.
    kind: Text | None = None

    @field_validator("term", "also")
    @classmethod
    def _has_letters(cls, said: str | tuple[str, ...]) -> str | tuple[str, ...]:
        return _with_letters(said)


class AbbreviationRow(_ConceptRow):
    """An abbreviation in one of its senses."""

    short: Text
    long: Text

    @field_validator("short")
    @classmethod
    def _has_letters(cls, said: str) -> str | tuple[str, ...]:
        return _with_letters(said)


class CueRow(_Row):
    """Words that decide an assertion, end the reach of others, or (pseudo) decide nothing."""

    cue: Text
    direction: Literal["forward", "backward", "adjective", "terminator", "pseudo"]
    attribute: Literal["negated", "uncertain", "historical", "hypothetical", "family", "all"] = "all"
    problems_only: StrictBool = False

    @field_validator("cue")
    @classmethod
    def _has_letters(cls, said: str) -> str | tuple[str, ...]:
        return _with_letters(said)

    @model_validator(mode="after")
    def _says_what_it_decides(self) -> Self:
        if self.attribute == "all" and self.direction not in ("terminator", "pseudo"):
            raise ValueError("A cue needs `attribute`: negated, uncertain, historical, hypothetical or family")
        return self


class ExclusionRow(_Row):
    """Forms of the shipped vocabulary that are not to be found."""

    exclude: Text | tuple[Text, ...]

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms that are excluded."""
        return (self.exclude,) if isinstance(self.exclude, str) else self.exclude


OwnRow = TermRow | AbbreviationRow | CueRow | ExclusionRow
_KINDS: Mapping[str, type[OwnRow]] = {
    "term": TermRow,
    "short": AbbreviationRow,
    "cue": CueRow,
    "exclude": ExclusionRow,
}
_ADVICE = {
    "extra_forbidden": "is not a field of this row; its fields are {fields}",
    "missing": "is missing",
    "string_type": "is not text: put it in quotes (YAML takes no, yes and 1.5 for something else)",
    "string_too_short": "is empty",
    "string_too_long": "is longer than 200 characters",
    "tuple_type": "is not a list: write it in brackets, [like, this]",
    "dict_type": "is not a table: write it in braces, {{RXNORM: '1191'}}",
    "bool_type": "is neither true nor false",
    "enum": "is not one of {expected}",
    "literal_error": "is not one of {expected}",
}


def _with_letters(said: str | tuple[str, ...]) -> str | tuple[str, ...]:
    if not all(_LETTER.search(one) for one in ([said] if isinstance(said, str) else said)):
        raise ValueError("has no letter in it")
    return said


def check_row(record: object, kind_of_file: EntityType | None) -> OwnRow:
    """The row that a record is.

    Raises:
        ValueError: With what is wrong with it, in words that hold without its file and line.
    """
    if isinstance(record, ValueError):
        raise record
    if not isinstance(record, dict):
        raise ValueError("a row is written in braces: {term: hay fever, type: PROBLEM}")  # noqa: TRY004 - as documented
    kind = next((row for field, row in _KINDS.items() if field in record), None)
    if kind is None:
        raise ValueError("a row needs one of the fields term, short (with long), cue or exclude")
    if kind_of_file is not None and issubclass(kind, _ConceptRow):
        record = {"type": kind_of_file.value, **record}
    try:
        return kind.model_validate(record)
    except ValidationError as error:
        raise ValueError(_say(error.errors()[0], kind)) from None


def _say(fault: Mapping[str, Any], kind: type[OwnRow]) -> str:
    field = str(fault["loc"][0]) if fault["loc"] else ""
    if fault["type"] == "value_error":
        said = str(fault["ctx"]["error"])
        return f"`{field}` {said}" if field else said
    expected = str(fault.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ")
    advice = _ADVICE.get(fault["type"], str(fault["msg"]).lower())
    return f"`{field}` " + advice.format(fields=", ".join(kind.model_fields), expected=expected)
