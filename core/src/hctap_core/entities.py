"""An entity: what was found where in a note, how it is asserted, coded and attributed, and why."""

from enum import StrEnum
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

ENTITY_SCHEMA_VERSION: Final = 1


class EntityType(StrEnum):
    """What an entity is."""

    PROBLEM = "PROBLEM"
    MEDICATION = "MEDICATION"
    TEST = "TEST"
    PROCEDURE = "PROCEDURE"
    ANATOMY = "ANATOMY"


class AttributeType(StrEnum):
    """What an attribute says of its medication or test."""

    STRENGTH = "STRENGTH"
    DOSE = "DOSE"
    FORM = "FORM"
    ROUTE = "ROUTE"
    FREQUENCY = "FREQUENCY"
    DURATION = "DURATION"
    PRN = "PRN"
    STATUS = "STATUS"
    VALUE = "VALUE"
    UNIT = "UNIT"
    FLAG = "FLAG"
    REFERENCE_RANGE = "REFERENCE_RANGE"


class CodeSystem(StrEnum):
    """The code systems that may stand in a record."""

    ICD_10_CM = "ICD-10-CM"
    HPO = "HPO"
    MESH = "MESH"
    DRUGBANK = "DRUGBANK"
    RXNORM = "RXNORM"
    LOINC = "LOINC"
    SNOMED_CT = "SNOMED-CT"
    UMLS = "UMLS"
    DOID = "DOID"
    MONDO = "MONDO"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Assertion(_Record):
    """How the note asserts the entity; all false means: present, in the patient, now."""

    negated: bool = False
    uncertain: bool = False
    historical: bool = False
    hypothetical: bool = False
    family: bool = False


class Code(_Record):
    """A code of the entity, the best first in the list; `release` names the vocabulary's edition.

    `score` is the share of right codes among those given for a like reason, as measured; `reason` says why this one,
    in the words of `hctap_core.code_reasons`.
    """

    system: CodeSystem
    code: str = Field(min_length=1)
    display: str = ""
    score: float = Field(default=1.0, ge=0, le=1)
    release: str = ""
    reason: str = ""


class Attribute(_Record):
    """A part of a medication's regimen or a test's result; `norm` is its normal form where one is known."""

    type: AttributeType
    text: str = Field(min_length=1)
    begin: int = Field(ge=0)
    end: int = Field(ge=0)
    norm: str | None = None


class Cue(_Record):
    """The words that decided an assertion, with the rule that read them.

    `begin` equals `end` and `text` is empty where the section alone decided. `scope_begin` and `scope_end` are the
    stretch of text that the words reach, up to what ends it; null for a section, and for a sign at its entity.
    """

    attribute: Literal["negated", "uncertain", "historical", "hypothetical", "family"]
    text: str
    begin: int = Field(ge=0)
    end: int = Field(ge=0)
    rule: str = Field(min_length=1)
    scope_begin: int | None = Field(default=None, ge=0)
    scope_end: int | None = Field(default=None, ge=0)


class Provenance(_Record):
    """Which extractor made the entity, by which rule, vocabulary row or model, on which cues."""

    extractor: str = Field(min_length=1)
    version: str = Field(min_length=1)
    method: Literal["rule", "vocabulary", "model"]
    source: str = Field(min_length=1)
    cues: tuple[Cue, ...] = ()


class Entity(_Record):
    """One mention in one note in one run: HC-TAP's nine fields, and what makes it trustworthy.

    `begin` and `end` are code points of the stored text, half-open; `text` is the text between them.
    """

    schema_version: Literal[1] = ENTITY_SCHEMA_VERSION
    note_id: str = Field(min_length=1)
    run_id: str = Field(min_length=1)
    entity_type: EntityType
    text: str = Field(min_length=1)
    norm_text: str = Field(min_length=1)
    begin: int = Field(ge=0)
    end: int = Field(ge=0)
    score: float = Field(ge=0, le=1)
    section: str
    assertion: Assertion = Assertion()
    codes: tuple[Code, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    provenance: Provenance

    @model_validator(mode="after")
    def _span_fits_the_text(self) -> Self:
        if self.end - self.begin != len(self.text):
            raise ValueError("end - begin is not the length of the text")
        return self
