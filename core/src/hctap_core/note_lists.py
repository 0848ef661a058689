"""Which notes a list shall have."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hctap_core.entities import CodeSystem, EntityType
from hctap_core.moments import Moment
from hctap_core.notes import is_valid_note_id
from hctap_core.runs import RUN_ID_PATTERN, is_valid_run_id
from hctap_core.words import NO_NUL, NOTE_ID_SHAPE

MOST_NOTES_LISTED: Final = 200
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def check_words(value: str | None) -> str | None:
    """The words, if a text can hold them.

    Raises:
        ValueError: They hold a character that no text has.
    """
    if value is not None and _UNSTORABLE.search(value):
        raise ValueError("NUL characters and lone surrogates stand in no note.")
    return value


def _check_cursor(value: str | None) -> str | None:
    if value is not None and not is_valid_note_id(value):
        raise ValueError("A note id has 1 to 200 characters, none of them a control character.")
    return value


def _check_run_id(value: str | None) -> str | None:
    if value is not None and not is_valid_run_id(value):
        raise ValueError("A run id has 1 to 64 letters, digits, '.', '_' or '-'.")
    return value


_Words = Annotated[
    str | None,
    Field(default=None, min_length=1, max_length=200, json_schema_extra=NO_NUL),
    AfterValidator(check_words),
]


class NotesAsked(BaseModel):
    """A page of notes in the order of their ids: all that is given must hold; entities are those of a run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cursor: Annotated[str | None, AfterValidator(_check_cursor)] = Field(
        default=None,
        description="`next_cursor` of the page before; without it, the first page.",
        examples=["note_050"],
        json_schema_extra=NOTE_ID_SHAPE,
    )
    limit: int = Field(default=50, description="How many at most.", ge=1, le=MOST_NOTES_LISTED)
    specialty: _Words = Field(default=None, description="Notes of this specialty.", examples=["Cardiology"])
    note_type: _Words = Field(default=None, description="Notes of this type.", examples=["Progress note"])
    source: _Words = Field(default=None, description="Notes of this source.", examples=["mtsamples"])
    authored_from: Moment | None = Field(default=None, description="Written then or later.")
    authored_to: Moment | None = Field(default=None, description="Written before then.")
    entity_type: EntityType | None = Field(default=None, description="Notes with an entity of this type.")
    code_system: CodeSystem | None = Field(default=None, description="Notes with an entity of a code of this system.")
    code: Annotated[str | None, AfterValidator(check_words)] = Field(
        default=None,
        description="Notes with an entity of this code, of `code_system` or of any.",
        min_length=1,
        max_length=40,
        examples=["I10"],
        json_schema_extra=NO_NUL,
    )
    has_entity: bool | None = Field(
        default=None, description="Notes in which the run found something, or, with `false`, nothing."
    )
    run_id: Annotated[str | None, AfterValidator(_check_run_id)] = Field(
        default=None,
        description="Notes that this run has read; entities are those that it found. Without it, entities are those of "
        "the run that finished last.",
        json_schema_extra={"pattern": RUN_ID_PATTERN},
    )
