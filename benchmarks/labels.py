"""Labels by offset: what annotators found in texts that are not given away.

One JSON object a line: which text (`id`, `characters`, `sha256` of the text as UTF-8), who read it (`annotators`), and
the entities with `begin` and `end` in code points of that text; a flag that is not there is false. The text itself,
its headings and the surface of an entity are never in the file; whoever has the text joins it by its id, and the hash
tells a wrong text.

An id such as `note_12@340` names a passage of the note `note_12` that begins at or shortly after character 340.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hctap_core.entities import Assertion, AttributeType, EntityType
from hctap_core.errors import InvalidSpan, MalformedRecord
from hctap_core.gold import GoldNote
from hctap_core.markup import read_marked
from hctap_core.reasons import QuarantineReason

# A passage's id may point at its heading; the text follows within this many characters.
REACH: Final = 200
_HEAD = re.compile(r"=== (?P<id>\S+)(?: \[(?P<heading>[^\n]*)\])?")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Span(_Record):
    begin: int = Field(ge=0)
    end: int = Field(gt=0)


class LabelledAttribute(_Span):
    """A part of a regimen or a result, by its offsets."""

    type: AttributeType
    norm: str | None = None


class LabelledEntity(_Span):
    """An entity by its offsets, with how the text asserts it, and its codes as `SYSTEM:CODE`, equally right ones."""

    entity_type: EntityType
    assertion: Assertion = Assertion()
    attributes: tuple[LabelledAttribute, ...] = ()
    codes: tuple[str, ...] = ()


class LabelledText(_Record):
    """The labels of one text, without the text; with `only` some entities have codes, and nothing else is labelled."""

    schema_version: Literal[1] = 1
    id: str = Field(min_length=1)
    characters: int = Field(gt=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    annotators: tuple[str, ...] = Field(min_length=1)
    only: Literal["codes"] | None = None
    entities: tuple[LabelledEntity, ...] = ()

    @model_validator(mode="after")
    def _spans_fit(self) -> Self:
        for entity in self.entities:
            spans: tuple[_Span, ...] = (entity, *entity.attributes)
            for span in spans:
                if not span.begin < span.end <= self.characters:
                    raise ValueError(f"the span {span.begin}:{span.end} is outside the text")
        return self


class Passage(_Record):
    """A marked text with its labels, before the text is dropped."""

    labels: LabelledText
    text: str


def hash_of(text: str) -> str:
    """The sha256 of a text as UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_chunk(content: str, annotators: tuple[str, ...]) -> list[Passage]:
    """The passages of a chunk: `=== id [heading]` lines, each followed by a text with marks as in the samples.

    Raises:
        MalformedRecord: Where a mark cannot be understood; says which passage, without its text.
    """
    passages: list[Passage] = []
    head: re.Match[str] | None = None
    body: list[str] = []
    for line in (*content.split("\n"), "=== end"):
        if found := _HEAD.fullmatch(line):
            if head is not None:
                passages.append(_passage(head["id"], "\n".join(body).rstrip("\n"), annotators))
            head, body = found, []
        else:
            body.append(line)
    return passages


def _passage(text_id: str, marked: str, annotators: tuple[str, ...]) -> Passage:
    try:
        note, gold = read_marked(f"---\nnote_id: {text_id}\nspecialty: Unknown\n---\n{marked}")
    except MalformedRecord as fault:
        raise MalformedRecord(fault.reason, f"{text_id}: {fault.detail}", note_id=text_id) from None
    labels = LabelledText(
        id=text_id,
        characters=len(note.text),
        sha256=hash_of(note.text),
        annotators=annotators,
        entities=tuple(_entities(gold)),
    )
    return Passage(labels=labels, text=note.text)


def _entities(gold: GoldNote) -> Iterator[LabelledEntity]:
    for entity in gold.entities:
        yield LabelledEntity(
            entity_type=entity.entity_type,
            begin=entity.begin,
            end=entity.end,
            assertion=entity.assertion or Assertion(),
            attributes=tuple(
                LabelledAttribute(type=a.type, begin=a.begin, end=a.end, norm=a.norm) for a in entity.attributes
            ),
        )


def render_labels(labels: Iterable[LabelledText]) -> str:
    """The labels as JSON Lines, ordered by id; the same labels give the same bytes."""
    ordered = sorted(labels, key=lambda one: one.id)
    records = ({"schema_version": 1, **one.model_dump(mode="json", exclude_defaults=True)} for one in ordered)
    return "".join(json.dumps(record, sort_keys=True) + "\n" for record in records)


def read_labels(path: Path) -> list[LabelledText]:
    """The labels in a file.

    Raises:
        MalformedRecord: For a line that is none, by its number.
    """
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(LabelledText.model_validate_json(line))
        except ValueError:
            raise MalformedRecord(QuarantineReason.SCHEMA, f"line {number} of {path.name} is no label line") from None
    return found


def note_of(text_id: str) -> tuple[str, int]:
    """The note's id and the character from which on the passage is to be looked for."""
    note_id, _, offset = text_id.rpartition("@")
    return (note_id, int(offset)) if note_id and offset.isdigit() else (text_id, 0)


def locate(labels: LabelledText, texts: Mapping[str, str]) -> tuple[str, int] | None:
    """The text to read, with where in it the labelled passage begins; None where no text of that id is known.

    The whole note is preferred to the passage alone, because a reader of notes sees the headings too.

    Raises:
        InvalidSpan: Where there is a text of the id and it is not the one that was labelled.
    """
    note_id, offset = note_of(labels.id)
    known = [(texts[name], begin) for name, begin in ((note_id, offset), (labels.id, 0)) if name in texts]
    for text, begin in known:
        for start in range(begin, min(begin + REACH, len(text) - labels.characters) + 1):
            if hash_of(text[start : start + labels.characters]) == labels.sha256:
                return text, start
    if known:
        raise InvalidSpan(f"The text of {labels.id} is not the one that was labelled.")
    return None
