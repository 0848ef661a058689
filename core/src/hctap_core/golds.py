"""Gold sets by name and version, and what an evaluation against one says in detail."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from hctap_core.entities import EntityType
from hctap_core.gold import GoldNote

GOLD_SCHEME: Final = "gold:"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_REFERENCE: Final = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,79})(?:@(?P<version>[1-9][0-9]{0,8}))?")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GoldSet(_Record):
    """A version of a gold set; `source` says what it was made from, and `reference` is how it is asked for."""

    name: str
    version: int = Field(ge=1)
    notes: int = Field(ge=0)
    entities: int = Field(ge=0)
    content_sha256: str
    source: str
    created_by: str
    created_at: datetime

    @property
    def reference(self) -> str:
        """`NAME@VERSION`."""
        return f"{self.name}@{self.version}"


class GoldSetList(_Record):
    """The gold sets, by name, the newest version first."""

    sets: tuple[GoldSet, ...]


class ErrorKind(StrEnum):
    """How a run and the gold differ at a place.

    `missed` and `invented`: nothing overlaps on the other side; `retyped`: what overlaps has another type; `span`: the
    type is right and the span is not; `assertion`: both are right and the assertion is not.
    """

    MISSED = "missed"
    INVENTED = "invented"
    RETYPED = "retyped"
    SPAN = "span"
    ASSERTION = "assertion"


class OtherSide(_Record):
    """What the run says where the gold says something else."""

    entity_type: EntityType
    begin: int = Field(ge=0)
    end: int = Field(ge=0)
    assertions: tuple[str, ...] = ()
    gold_assertions: tuple[str, ...] = ()


class EvaluationError(_Record):
    """A difference; begin, end and type are the gold's, or the run's where it is `invented`.

    `text`, and the words around it in `context`, are null for those who may not read notes.
    """

    error_no: int
    kind: ErrorKind
    entity_type: EntityType
    note_id: str
    begin: int = Field(ge=0)
    end: int = Field(ge=0)
    other: OtherSide | None = None
    text: str | None = None
    context: str | None = None


class EvaluationErrorPage(_Record):
    """A page of differences in the order of notes and places; `next_cursor` is null on the last page."""

    run_id: str
    gold_name: str
    errors: tuple[EvaluationError, ...]
    next_cursor: int | None = None


class Interval(_Record):
    """A 95 percent interval of the bootstrap by note."""

    low: float
    high: float


class ScoreIntervals(_Record):
    """The intervals of a type's scores, null where fewer than two notes allow none."""

    precision: Interval | None = None
    recall: Interval | None = None
    f1: Interval | None = None


class CalibrationBin(_Record):
    """The run's entities with a score from `low` to `high`: how many, their mean score, the share that is right."""

    low: float
    high: float
    entities: int
    mean_score: float | None = None
    right: float | None = None


class AssertionConfusion(_Record):
    """How the aligned pairs are asserted: by the gold, by the run."""

    both: int
    only_gold: int
    only_run: int
    neither: int


class EvaluationDetails(_Record):
    """What the scores alone do not say.

    `intervals` are by matching (`strict`, `overlap`) and type, `micro` for all. `types` counts pairs by the gold's type
    and the run's, `none` where one side has nothing that overlaps. `errors` counts the differences by kind and type.
    """

    intervals: dict[Literal["strict", "overlap"], dict[str, ScoreIntervals]]
    types: dict[str, dict[str, int]]
    assertions: dict[str, AssertionConfusion]
    calibration: tuple[CalibrationBin, ...]
    errors: dict[ErrorKind, dict[str, int]]


class EvaluationSummary(_Record):
    """An evaluation in a list; `gold` is the version that it was made against, null for those made before versions."""

    gold_name: str
    gold: str | None = None
    created_at: datetime
    has_details: bool
    gold_notes: int
    strict_f1: float | None = None
    overlap_f1: float | None = None


class EvaluationList(_Record):
    """The evaluations of a run, by name."""

    run_id: str
    evaluations: tuple[EvaluationSummary, ...]


class EvaluationReport(_Record):
    """An evaluation of a run: the scores, and the details where it was made with them."""

    run_id: str
    gold_name: str
    gold: str | None = None
    created_at: datetime
    scores: dict[str, Any]
    details: EvaluationDetails | None = None


class EvaluationOrder(_Record):
    """A run to be evaluated against a gold set: `NAME@VERSION`, or `NAME` for its newest version."""

    gold: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}(@[1-9][0-9]{0,8})?$", examples=["dev@1"])


class EvaluationAccepted(_Record):
    """An evaluation that waits for a worker; `remedy` says what to do where there is none."""

    run_id: str
    gold: str
    workers: int = Field(ge=0)
    remedy: str | None = None


def is_valid_gold_name(name: str) -> bool:
    """Whether a gold set can be called so: 1 to 80 of letters, digits, `.`, `_`, `-`."""
    return _NAME.fullmatch(name) is not None


def split_reference(reference: str) -> tuple[str, int | None] | None:
    """The name and the version of `NAME@VERSION`, no version for the newest; None if it is no reference."""
    found = _REFERENCE.fullmatch(reference.removeprefix(GOLD_SCHEME))
    if found is None:
        return None
    return found["name"], None if found["version"] is None else int(found["version"])


def hash_gold(gold: Sequence[GoldNote]) -> str:
    """The sha256 of the gold, whatever the order of its notes."""
    digest = hashlib.sha256()
    for note in sorted(gold, key=lambda one: one.note_id):
        digest.update(note.model_dump_json().encode() + b"\n")
    return digest.hexdigest()
