"""Reviews: people judge what a run found, each for themselves; what they agree on becomes gold."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from hctap_core.entities import Entity
from hctap_core.gold import GoldEntity
from hctap_core.words import Storable

MOST_TASKS: Final = 10_000
ITEM_PATTERN: Final = r"^(e(0|[1-9][0-9]{0,6})|a[A-Za-z0-9_-]{1,63})$"
NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"
ReviewName = Annotated[str, Field(pattern=NAME_PATTERN, examples=["ward-7"])]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Verdict(StrEnum):
    """What a reviewer says of an entity of the run; `add` is of one that the run lacks, `withdrawn` takes it back."""

    ACCEPT = "accept"
    REJECT = "reject"
    CHANGE = "change"
    ADD = "add"
    WITHDRAWN = "withdrawn"


class TaskState(StrEnum):
    """How far a reviewer has come with a note; when it is `done`, what was not decided counts as accepted."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


class ReviewOrder(_Record):
    """A review to be made of the notes of a run: those named, those of specialties, or all; of these a sample.

    The sample is the same for the same notes and seed.
    """

    name: ReviewName
    run_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    note_ids: tuple[Storable, ...] | None = Field(default=None, min_length=1, max_length=MOST_TASKS)
    specialties: tuple[Storable, ...] | None = Field(default=None, min_length=1, max_length=100)
    sample: int | None = Field(default=None, ge=1, le=MOST_TASKS)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)


class ReviewerProgress(_Record):
    """How many notes a reviewer has done and skipped, and how many decisions stand."""

    reviewer: str
    done: int
    skipped: int
    decisions: int


class Review(_Record):
    """A queue of notes to judge, all with what one run found."""

    name: str
    run_id: str
    created_by: str
    created_at: datetime
    tasks: int
    reviewers: tuple[ReviewerProgress, ...] = ()


class ReviewList(_Record):
    """The reviews, the newest first."""

    reviews: tuple[Review, ...]


class ReviewTask(_Record):
    """A note in a review's queue; state and decisions are those of whoever asks."""

    task_no: int
    place: int
    note_id: str
    entities: int
    state: TaskState
    decisions: int


class ReviewTaskPage(_Record):
    """A page of the queue in its order; `next_cursor` is null on the last page."""

    review: str
    tasks: tuple[ReviewTask, ...]
    next_cursor: int | None = None


class Decision(_Record):
    """What a reviewer says of an item; `version` counts the writes, and the next write has to name it."""

    item: str
    verdict: Verdict
    record: GoldEntity | None = None
    version: int
    decided_at: datetime


class ReviewDocument(_Record):
    """A note to judge: the text that the run read, what it found, and what the reviewer has decided.

    The item of the entity at a place is `e` with that place, from 0: `e0`, `e1` … `state_version` is 0 before the first
    write of the state.
    """

    task_no: int
    review: str
    reviewer: str
    note_id: str
    run_id: str
    specialty: str
    text: str
    entities: tuple[Entity, ...]
    decisions: tuple[Decision, ...]
    state: TaskState
    state_version: int


class DecisionWrite(_Record):
    """A decision to be kept: `version` is that of the decision it replaces, 0 where there is none.

    `record` is the entity as it should be, for `change` and `add`; its text must stand at its offsets.
    """

    verdict: Verdict
    record: GoldEntity | None = None
    version: int = Field(ge=0, le=2**31 - 2)


class StateWrite(_Record):
    """How far the reviewer has come: `version` is that of the state it replaces, 0 where there is none."""

    state: TaskState
    version: int = Field(ge=0, le=2**31 - 2)


class StateWritten(_Record):
    """The state as it is kept."""

    task_no: int
    state: TaskState
    version: int


class KappaScore(_Record):
    """How two reviewers agree on a question: of `items`, the share `agreed`, and Cohen's kappa.

    Kappa is null where it is not defined: nothing was judged, or both always said the same one thing.
    """

    items: int
    agreed: float | None = None
    kappa: float | None = None


class Agreement(_Record):
    """How two reviewers agree over the notes that both have done.

    `keep`: is the entity right at all; `entity_type` and the assertions: of those that both keep. `span_f1` compares
    all that each leaves standing, same span and type, with what they added.
    """

    review: str
    first: str
    second: str
    notes: int
    keep: KappaScore
    entity_type: KappaScore
    assertions: dict[str, KappaScore]
    span_f1: float | None = None


class Promotion(_Record):
    """A gold set to be made of a review: of each note what the first of these reviewers left who has done it."""

    gold: ReviewName
    reviewers: tuple[Storable, ...] = Field(min_length=1, max_length=20)
