"""What the routes of statistics answer, as the OpenAPI shows it."""

from typing import Any, Final

from hctap_api.examples import NOTE_ID, RUN_ID
from hctap_core.statistics import Cooccurrence, Freshness, RunStatistics, Timeline, TimelineRequest, TopTerms, Trend

_CODE: Final[dict[str, Any]] = {"system": "ICD-10-CM", "code": "I10", "display": "Essential (primary) hypertension"}
_TYPE: Final = {
    "entities": 700, "affirmed": 430, "negated": 150, "uncertain": 40, "historical": 60, "hypothetical": 12,
    "family": 8,
}  # fmt: skip
STATISTICS: Final = RunStatistics.model_validate(
    {
        "run_id": RUN_ID,
        "notes": 68,
        "types": {"PROBLEM": _TYPE},
        "specialties": [{"specialty": "Cardiology", "notes": 6, "characters": 9120, "entities": {"PROBLEM": 61}}],
        "sections": {"plan": 120},
    }
).model_dump(mode="json")
TERMS: Final = TopTerms.model_validate(
    {
        "run_id": RUN_ID,
        "specialty": "Cardiology",
        "terms": {"PROBLEM": [{"norm_text": "hypertension", "notes": 5, "mentions": 9, **_CODE}]},
    }
).model_dump(mode="json")
PAIRS: Final = Cooccurrence.model_validate(
    {
        "run_id": RUN_ID,
        "notes": 68,
        "problems": {"hypertension": 21},
        "medications": {"lisinopril": 9},
        "pairs": [{"problem": "hypertension", "medication": "lisinopril", "notes": 8, "lift": 2.8783}],
    }
).model_dump(mode="json")
TREND: Final = Trend.model_validate(
    {
        "runs": [
            {
                "run_id": RUN_ID, "extractor": "hybrid", "status": "succeeded", "finished_at": "2026-11-21T09:30:04Z",
                "notes": 68, "entities": 1479, "quarantined": 0, "by_type": {"PROBLEM": 700}, "notes_per_second": 58.1,
                "duration_ms_p50": 9.5, "duration_ms_p95": 21.0, "rates": {"no_entities": 0.0},
                "drifts": [{"measure": "uncoded_problems", "before": 0.2, "now": 0.31, "is_drift": True}],
                "f1": {"dev": 0.8471},
            }
        ]
    }
).model_dump(mode="json")  # fmt: skip
FRESHNESS: Final = Freshness.model_validate(
    {
        "status": "ok", "limit_minutes": 120, "run_id": RUN_ID, "finished_at": "2026-11-21T09:30:04Z",
        "age_minutes": 12.5,
    }
).model_dump(mode="json")  # fmt: skip
TIMELINE_REQUEST: Final = TimelineRequest(patient_id="p-17").model_dump(mode="json", exclude_none=True)
TIMELINE: Final = Timeline.model_validate(
    {
        "patient_id": "p-17",
        "run_id": RUN_ID,
        "notes": [
            {
                "note_id": NOTE_ID, "authored_at": "2026-10-02T08:15:00Z", "specialty": "Cardiology",
                "note_type": "Progress note", "entities": [
                    {
                        "entity_type": "PROBLEM", "norm_text": "hypertension", "assertion": {}, "mentions": 2,
                        "begin": 40, **_CODE,
                    }
                ],
            }
        ],
        "is_whole": True,
    }
).model_dump(mode="json")  # fmt: skip
