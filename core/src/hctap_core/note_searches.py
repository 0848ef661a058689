"""Notes that are searched for by the words of their texts."""

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool

from hctap_core.answers import NoteSummary
from hctap_core.note_lists import MOST_NOTES_LISTED, NotesAsked, check_words
from hctap_core.numbers import WholeNumber
from hctap_core.words import NO_NUL

MOST_SEARCHED_CHARACTERS: Final = 200_000


class NoteSearch(NotesAsked):
    """A page of the notes that say some words, in the order of their ids; all else that is given must hold too."""

    words: Annotated[str, AfterValidator(check_words)] = Field(
        min_length=1,
        max_length=200,
        description='All of these words, in any inflection (English); `"quoted words"` stand beside each other, `or` '
        "gives a choice, `-word` must not stand there. Small words such as `the` and `no` are passed over.",
        examples=["chest pain", '"shortness of breath" -asthma'],
        json_schema_extra=NO_NUL,
    )
    # In an address all is text; in a body numbers are numbers, and true is true.
    limit: WholeNumber = Field(default=50, description="How many at most.", ge=1, le=MOST_NOTES_LISTED)
    has_entity: StrictBool | None = Field(
        default=None, description="Notes in which the run found something, or, with `false`, nothing."
    )


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExcerptPart(_Answer):
    """A piece of a text, and whether it is a word that was searched for."""

    text: str
    found: bool


class NoteFound(NoteSummary):
    """A note that was found, with the places that say the words; blanks and line ends there are single blanks."""

    excerpt: tuple[ExcerptPart, ...] = ()


class NotesFound(_Answer):
    """Notes in the order of their ids; `next_cursor` is null on the last page.

    `run_id` is the run whose reading or entities were asked for. `waiting` counts the texts that came so lately that
    they could not be found yet; asked again, the search finds them too.
    """

    notes: tuple[NoteFound, ...]
    run_id: str | None = None
    next_cursor: str | None = None
    waiting: int = Field(default=0, ge=0)
