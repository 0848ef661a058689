"""How much of its notes a run covered, and what has moved against the run before: silent failures become visible."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

# A share of few notes moves by itself; below so many nothing is compared.
FEWEST_NOTES: Final = 20
DRIFT_THRESHOLD: Final = 0.2


class Change(BaseModel):
    """A measure of a run against the same of the run before; `is_drift` if it moved by more than the threshold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str
    before: float
    now: float
    is_drift: bool


class Coverage(BaseModel):
    """Shares and rates of a run; `rates` by name.

    `no_entities`: texts in which nothing was found; `unknown_headings`: sections whose heading nobody knows;
    `uncoded_problems`: problems without any code; `assertion.X`: entities that are X; `per_note.X`: entities of type X
    in a text. `compared_with` is the run before, whose rates `changes` compares.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts: int = 0
    rates: dict[str, float] = Field(default_factory=dict)
    compared_with: str | None = None
    changes: tuple[Change, ...] = ()

    @property
    def drifts(self) -> tuple[Change, ...]:
        """The measures that moved by more than the threshold."""
        return tuple(change for change in self.changes if change.is_drift)


def compare(now: Coverage, before: Coverage, run_id: str, threshold: float) -> Coverage:
    """The coverage with its changes against an earlier run.

    A rate has drifted if it moved by more than `threshold` of the larger of the two, and a share (all but those of
    entities per note) by a percentage point at least. Runs over few texts are compared and never warned of.
    """
    enough = min(now.texts, before.texts) >= FEWEST_NOTES
    changes = tuple(
        Change(measure=name, before=old, now=new, is_drift=enough and _has_moved(name, old, new, threshold))
        for name, old, new in _pairs(now.rates, before.rates)
    )
    return now.model_copy(update={"compared_with": run_id, "changes": changes})


def _pairs(now: Mapping[str, float], before: Mapping[str, float]) -> list[tuple[str, float, float]]:
    return [(name, before.get(name, 0.0), now.get(name, 0.0)) for name in sorted({*now, *before})]


def _has_moved(name: str, old: float, new: float, threshold: float) -> bool:
    least = 0.0 if name.startswith("per_note.") else 0.01
    return abs(new - old) > max(least, threshold * max(old, new))
