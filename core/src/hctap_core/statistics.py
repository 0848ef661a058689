"""What a run found, counted for those who look at many notes at once."""

from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from hctap_core.coverage import Change
from hctap_core.entities import Assertion, EntityType
from hctap_core.runs import RunStatus
from hctap_core.words import Storable

MOST_TERMS: Final = 100


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TermCount(_Record):
    """A normal form with the notes that affirm it, its mentions there, and its commonest code."""

    norm_text: str
    notes: int
    mentions: int
    system: str | None = None
    code: str | None = None
    display: str | None = None


class TypeCounts(_Record):
    """The entities of a type: all of them, and how they are asserted; `affirmed` is present, in the patient, now."""

    entities: int
    affirmed: int
    negated: int
    uncertain: int
    historical: int
    hypothetical: int
    family: int


class SpecialtyCounts(_Record):
    """The notes of a specialty, with their entities by type."""

    specialty: str
    notes: int
    characters: int
    entities: dict[EntityType, int]


class RunStatistics(_Record):
    """The counts of a run over its notes; a duplicate counts as the note it is."""

    run_id: str
    notes: int
    types: dict[EntityType, TypeCounts]
    specialties: tuple[SpecialtyCounts, ...]
    sections: dict[str, int]


class TopTerms(_Record):
    """The terms that most notes affirm, by type; of all notes or of a specialty's."""

    run_id: str
    specialty: str | None = None
    terms: dict[EntityType, tuple[TermCount, ...]]


class Pair(_Record):
    """A problem and a medication in the same notes.

    `lift` is how many times more often than if they had nothing to do with each other.
    """

    problem: str
    medication: str
    notes: int
    lift: float


class Cooccurrence(_Record):
    """The commonest problems against the commonest medications, in the notes that affirm both, the commonest first."""

    run_id: str
    notes: int
    problems: dict[str, int]
    medications: dict[str, int]
    pairs: tuple[Pair, ...]


class TrendPoint(_Record):
    """A finished run in a row of them; `rates` are those of its coverage, `f1` the strict F1 by evaluation."""

    run_id: str
    extractor: str
    status: RunStatus
    finished_at: datetime
    notes: int
    entities: int
    quarantined: int
    by_type: dict[str, int]
    notes_per_second: float | None = None
    duration_ms_p50: float | None = None
    duration_ms_p95: float | None = None
    rates: dict[str, float] = Field(default_factory=dict)
    drifts: tuple[Change, ...] = ()
    f1: dict[str, float | None] = Field(default_factory=dict)


class Trend(_Record):
    """The last finished runs over all notes, the oldest first."""

    runs: tuple[TrendPoint, ...]


class Freshness(_Record):
    """How old the newest success over all notes is: `ok` within the limit, `warning` up to a quarter more, `breach`."""

    status: Literal["ok", "warning", "breach", "none"]
    limit_minutes: float
    run_id: str | None = None
    finished_at: datetime | None = None
    age_minutes: float | None = None


class TimelineRequest(_Record):
    """A patient whose notes are wanted in the order of time; the id goes in a body, never in an address."""

    patient_id: Storable
    run_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    entity_types: tuple[EntityType, ...] | None = Field(default=None, min_length=1)
    limit: int = Field(default=100, ge=1, le=500)


class TimelineEntity(_Record):
    """What a note says, once for all its mentions with the same assertion; `begin` is the first."""

    entity_type: EntityType
    norm_text: str
    assertion: Assertion
    mentions: int
    begin: int
    system: str | None = None
    code: str | None = None
    display: str | None = None


class TimelineNote(_Record):
    """A note of the patient; those without a time come last."""

    note_id: str
    authored_at: datetime | None = None
    specialty: str
    note_type: str | None = None
    encounter_id: str | None = None
    entities: tuple[TimelineEntity, ...]


class Timeline(_Record):
    """The notes of a patient with what a run found in them; `is_whole` says that there are no more."""

    patient_id: str
    run_id: str
    notes: tuple[TimelineNote, ...]
    is_whole: bool
