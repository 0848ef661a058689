"""The shapes that HC-TAP's users know: nine keys an entity, of the two old types unless all are asked for."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from hctap_core.runs import Run

OLD_KEYS: Final = (
    "note_id", "run_id", "entity_type", "text", "norm_text", "begin", "end", "score", "section",
)  # fmt: skip
OLD_TYPES: Final = ("PROBLEM", "MEDICATION")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OldEntity(_Record):
    """An entity in HC-TAP's nine keys."""

    note_id: str
    run_id: str
    entity_type: str
    text: str
    norm_text: str
    begin: int
    end: int
    score: float
    section: str


class OldNote(_Record):
    """A note with its entities, as HC-TAP showed it."""

    note_id: str
    specialty: str
    text: str
    checksum: str
    entities: tuple[OldEntity, ...]


class OldStats(_Record):
    """A run in HC-TAP's words; scores are those of the frozen gold set where there is one."""

    run_id: str
    note_count: int
    entity_count: int
    extractor: str
    status: str
    f1_exact_micro: float | None = None
    f1_relaxed_micro: float | None = None
    ts: str | None = None
    duration_ms_p50: float | None = None
    duration_ms_p95: float | None = None


class OldExtraction(_Record):
    """What HC-TAP's `/extract` answered with."""

    entities: tuple[OldEntity, ...]


class OldConfig(_Record):
    """What HC-TAP's `/config` answered with: where its data lie."""

    RUN_ID: str
    NOTES_DIR: str
    ENRICHED_FILE: str
    RUN_MANIFEST: str
    ENRICHED_BUCKET: str


def old_entities(entities: Iterable[Mapping[str, Any]], *, all_types: bool) -> list[dict[str, Any]]:
    """Entities of today's contract as HC-TAP's."""
    return [
        {name: entity[name] for name in OLD_KEYS}
        for entity in entities
        if all_types or entity["entity_type"] in OLD_TYPES
    ]


def old_stats(run: Run) -> OldStats:
    """A run as HC-TAP counted it."""
    names = sorted(run.evaluation, key=lambda name: (not name.endswith("test"), name))
    scores = run.evaluation[names[0]] if names else {}
    return OldStats(
        run_id=run.run_id,
        note_count=run.counts.notes,
        entity_count=run.counts.entities,
        f1_exact_micro=_micro(scores, "strict"),
        f1_relaxed_micro=_micro(scores, "overlap"),
        ts=run.finished_at.isoformat() if run.finished_at else None,
        extractor=run.pipeline.extractor,
        status="partial" if run.status == "partial" else "success",
        duration_ms_p50=run.duration_ms_p50,
        duration_ms_p95=run.duration_ms_p95,
    )


def _micro(scores: Mapping[str, Any], kind: str) -> float | None:
    found = scores.get(kind, {}).get("micro", {}).get("f1")
    return None if found is None else float(found)
