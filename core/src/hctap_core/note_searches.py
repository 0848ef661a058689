"""Notes that are searched for by the words of their texts."""

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hctap_core.answers import NoteSummary
from hctap_core.note_lists import NotesAsked, check_words
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
