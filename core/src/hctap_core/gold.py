"""Gold: what a careful reader found in a note, in the platform's form or in HC-TAP's older one."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hctap_core.entities import Assertion, Attribute, Code, EntityType
from hctap_core.errors import MalformedRecord
from hctap_core.reasons import QuarantineReason
from hctap_core.sections import Section


class GoldEntity(BaseModel):
    """One mention of the gold; `assertion` is None where the gold does not say."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    entity_type: EntityType
    text: str = Field(min_length=1)
    begin: int = Field(ge=0)
    end: int = Field(ge=0)
    assertion: Assertion | None = None
    codes: tuple[Code, ...] = ()
    attributes: tuple[Attribute, ...] = ()


class GoldNote(BaseModel):
    """The gold of one note; `sections` is None where the gold has none to compare."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: Literal[1] = 1
    note_id: str = Field(min_length=1)
    entities: tuple[GoldEntity, ...] = ()
    sections: tuple[Section, ...] | None = None


def read_gold(lines: Iterable[str]) -> list[GoldNote]:
    """The gold in JSON Lines: one note a line, or HC-TAP's one entity a line (grouped by `note_id`).

    Raises:
        MalformedRecord: For a line that is neither, by its number.
    """
    notes: dict[str, GoldNote] = {}
    loose: dict[str, list[GoldEntity]] = defaultdict(list)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        record = _decode(line, number)
        try:
            if "entities" in record:
                note = GoldNote.model_validate(record)
                notes[note.note_id] = note
            else:
                loose[str(record["note_id"])].append(GoldEntity.model_validate(record))
        except (KeyError, ValidationError):
            raise MalformedRecord(QuarantineReason.SCHEMA, f"line {number} is not a gold note or entity") from None
    for note_id, entities in loose.items():
        earlier = notes.get(note_id, GoldNote(note_id=note_id))
        notes[note_id] = earlier.model_copy(update={"entities": (*earlier.entities, *entities)})
    return [notes[note_id] for note_id in sorted(notes)]


def _decode(line: str, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        raise MalformedRecord(QuarantineReason.NOT_JSON, f"line {number} of the gold is not JSON") from None
    if not isinstance(record, dict):
        raise MalformedRecord(QuarantineReason.NOT_JSON, f"line {number} of the gold is not an object")
    return record
