"""A search among the entities of a run: what is asked, and what is answered."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictFloat

from hctap_core.entities import CodeSystem, Entity, EntityType
from hctap_core.notes import MAX_NOTE_ID_CHARACTERS, is_valid_note_id
from hctap_core.numbers import WholeNumber
from hctap_core.runs import RUN_ID_PATTERN, is_valid_run_id
from hctap_core.sections import SectionType
from hctap_core.words import NOTE_ID_SHAPE, SAID, Storable, check_storable

MAX_PAGE: Final = 500
MAX_WORDS: Final = 200


def _check_words(value: str) -> str:
    if not value.strip():
        raise ValueError("The words are empty.")
    return check_storable(value)


def _check_note_id(value: str) -> str:
    if not is_valid_note_id(value):
        raise ValueError("A note id has 1 to 200 characters, none of them a control character.")
    return value


def _check_run_id(value: str) -> str:
    if not is_valid_run_id(value):
        raise ValueError("A run id has 1 to 64 letters, digits, '.', '_' or '-'.")
    return value


RunIdText = Annotated[
    str, Field(max_length=64, json_schema_extra={"pattern": RUN_ID_PATTERN}), AfterValidator(_check_run_id)
]
NoteIdText = Annotated[
    str,
    Field(max_length=MAX_NOTE_ID_CHARACTERS, json_schema_extra=NOTE_ID_SHAPE),
    AfterValidator(_check_note_id),
]


class Match(StrEnum):
    """How words are looked for in normal forms: as words in any inflection, as a part, or as something alike."""

    WORDS = "words"
    PART = "part"
    SIMILAR = "similar"


class Order(StrEnum):
    """In which order entities are given: by note and place, by normal form, or the surest first."""

    NOTE = "note"
    TEXT = "text"
    SCORE = "score"


class Facet(StrEnum):
    """By what the entities found can be counted."""

    ENTITY_TYPE = "entity_type"
    SECTION = "section"
    SPECIALTY = "specialty"
    ASSERTION = "assertion"
    CODE = "code"
    NORM_TEXT = "norm_text"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AssertionFilter(_Record):
    """Only entities whose assertion is so; what is not given may be either."""

    negated: StrictBool | None = None
    uncertain: StrictBool | None = None
    historical: StrictBool | None = None
    hypothetical: StrictBool | None = None
    family: StrictBool | None = None


class CodeFilter(_Record):
    """Only entities with this code, or with one that begins so."""

    system: CodeSystem
    code: Storable | None = Field(default=None, description="The code in full.")
    prefix: Storable | None = Field(default=None, description="What the code begins with.")


class EntityFilter(_Record):
    """Which entities are wanted; all that is given must hold."""

    text: Annotated[str, Field(max_length=MAX_WORDS, json_schema_extra=SAID), AfterValidator(_check_words)] | None = (
        Field(default=None, description="Words of the normal form.")
    )
    match: Match = Match.WORDS
    entity_types: tuple[EntityType, ...] | None = Field(default=None, max_length=10)
    code: CodeFilter | None = None
    assertion: AssertionFilter = AssertionFilter()
    sections: tuple[SectionType, ...] | None = Field(default=None, max_length=60)
    specialties: tuple[Storable, ...] | None = Field(default=None, max_length=100)
    note_id: NoteIdText | None = None
    min_score: StrictFloat = Field(default=0, ge=0, le=1)
    run_id: RunIdText | None = Field(default=None, description="Without it, the run that finished last.")


class EntitySearch(EntityFilter):
    """A page of a search."""

    order: Order = Order.NOTE
    limit: WholeNumber = Field(default=50, ge=1, le=MAX_PAGE)
    cursor: str | None = Field(
        default=None, min_length=1, max_length=1000, description="`next_cursor` of the page before."
    )
    count: StrictBool = Field(default=False, description="Whether the entities found are counted.")
    facets: tuple[Facet, ...] = Field(default=(), max_length=6, description="By what they are counted.")


class EntityHit(Entity):
    """An entity that was found; `also_in` are the other notes of the run that have the same text."""

    specialty: str
    also_in: tuple[str, ...] = ()


class FacetCount(_Record):
    """How many of the entities found have a value."""

    value: str
    entities: int


class EntityPage(_Record):
    """Entities that were found; `next_cursor` is null on the last page.

    `total` counts them where that was asked; where `total_is_exact` is false, it is estimated from entities that are
    taken evenly from the whole run. `facets` are of `counted` of them, all or so taken, whatever the page.
    """

    run_id: str
    entities: tuple[EntityHit, ...]
    next_cursor: str | None = None
    total: int | None = None
    total_is_exact: bool | None = None
    counted: int | None = None
    facets: dict[Facet, tuple[FacetCount, ...]] | None = None
