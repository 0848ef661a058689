"""Extraction on request: texts in, what they say out; nothing of either is kept."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictFloat

from hctap_core.entities import Assertion, Attribute, Code, EntityType, Provenance
from hctap_core.notes import MAX_NOTE_BYTES, MAX_NOTE_ID_CHARACTERS
from hctap_core.sections import Section
from hctap_core.words import SAID

MAX_BATCH: Final = 200
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def _check_text(text: str) -> str:
    if not text.strip():
        raise ValueError("The text is empty.")
    if _UNSTORABLE.search(text):
        raise ValueError("The text holds NUL characters or lone surrogates.")
    if len(text.encode()) > MAX_NOTE_BYTES:
        raise ValueError(f"The text has more than {MAX_NOTE_BYTES} bytes of UTF-8.")
    return text


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


NoteText = Annotated[
    str, Field(description="The text, up to 1 MiB of UTF-8.", json_schema_extra=SAID), AfterValidator(_check_text)
]
TextId = Annotated[str, Field(max_length=MAX_NOTE_ID_CHARACTERS, description="Given back with the answer.")]


class ExtractOptions(_Record):
    """What of the findings is wanted; the extractor reads the whole text either way."""

    entity_types: tuple[EntityType, ...] | None = Field(default=None, description="Only these types.")
    min_score: StrictFloat = Field(default=0, ge=0, le=1, description="Only entities of this score and above.")
    sections: StrictBool = Field(default=True, description="Whether the sections are given too.")


class _Request(_Record):
    extractor: Literal["hybrid", "rules", "model"] = "hybrid"
    explain: StrictBool = Field(default=False, description="Give for every entity the reasons why it stands.")
    options: ExtractOptions = ExtractOptions()


class ExtractRequest(_Request):
    """One text to extract from."""

    text: NoteText
    id: TextId = "-"


class BatchText(_Record):
    """A text of a batch."""

    text: NoteText
    id: TextId


class BatchRequest(_Request):
    """Many texts to extract from."""

    texts: tuple[BatchText, ...] = Field(min_length=1, max_length=MAX_BATCH)


class Reason(_Record):
    """One line of why an entity stands."""

    about: str
    says: str


class FoundEntity(_Record):
    """An entity of a text that belongs to no store: the contract's record without note and run."""

    schema_version: Literal[1] = 1
    entity_type: EntityType
    text: str
    norm_text: str
    begin: int
    end: int
    score: float
    section: str
    assertion: Assertion
    codes: tuple[Code, ...]
    attributes: tuple[Attribute, ...]
    provenance: Provenance
    reasons: tuple[Reason, ...] | None = None


class Extracted(_Record):
    """What a text says: the line that `hctap-etl extract` writes; `failure` is the class of an extractor's error."""

    id: str
    entities: tuple[FoundEntity, ...] = ()
    sections: tuple[Section, ...] = ()
    failure: str | None = None


class ExtractedBatch(_Record):
    """What each text says, in the order of the texts."""

    results: tuple[Extracted, ...]
