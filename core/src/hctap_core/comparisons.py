"""What differs between two runs: entities added, removed, asserted or coded otherwise."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from hctap_core.entities import Assertion, EntityType


class Change(StrEnum):
    """What became of an entity from the first run to the second; one may be reasserted and recoded at once."""

    ADDED = "added"
    REMOVED = "removed"
    REASSERTED = "reasserted"
    RECODED = "recoded"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChangeCounts(_Record):
    """How many entities changed in each way, and how many did not."""

    added: int = 0
    removed: int = 0
    reasserted: int = 0
    recoded: int = 0
    same: int = 0


class TextCounts(_Record):
    """How many distinct texts both runs worked on, and how many only one of them did."""

    both: int
    only_first: int
    only_second: int


class Comparison(_Record):
    """Two runs compared over the texts that both worked on.

    An entity is the same where text, begin, end and type are. `by_section` and `by_code` go by what the second run
    says, and for removed entities by what the first one said; `by_code` has the 100 codes with the most changes.
    """

    first: str
    second: str
    texts: TextCounts
    total: ChangeCounts
    by_type: dict[EntityType, ChangeCounts]
    by_section: dict[str, ChangeCounts]
    by_code: dict[str, ChangeCounts]


class NoteChanges(_Record):
    """A note in which something changed."""

    note_id: str
    changes: ChangeCounts


class ChangedNotes(_Record):
    """Notes in which something changed, by id; a page may hold few or none, the last one has no `next_cursor`."""

    notes: tuple[NoteChanges, ...]
    next_cursor: str | None = None


class Side(_Record):
    """What a run says of an entity."""

    section: str
    assertion: Assertion
    codes: tuple[str, ...]


class EntityChange(_Record):
    """An entity that changed, with what the first and the second run say of it."""

    changes: tuple[Change, ...]
    entity_type: EntityType
    text: str
    begin: int
    end: int
    first: Side | None = None
    second: Side | None = None


class NoteComparison(_Record):
    """All that changed in a note, in text order."""

    note_id: str
    first: str
    second: str
    changes: tuple[EntityChange, ...]
