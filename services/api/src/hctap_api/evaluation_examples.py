"""What the routes of evaluations answer, as the OpenAPI shows it."""

from typing import Final

from hctap_api.examples import NOTE_ID, RUN_ID
from hctap_core.golds import (
    EvaluationAccepted,
    EvaluationErrorPage,
    EvaluationList,
    EvaluationOrder,
    EvaluationReport,
    GoldSetList,
)

_SCORES: Final = {"precision": 0.9, "recall": 0.8, "f1": 0.8471, "right": 72, "predicted": 80, "gold": 90}
_INTERVALS: Final = {
    "precision": {"low": 0.85, "high": 0.94},
    "recall": {"low": 0.74, "high": 0.86},
    "f1": {"low": 0.8, "high": 0.89},
}
GOLD_SETS: Final = GoldSetList.model_validate(
    {
        "sets": [
            {
                "name": "dev", "version": 1, "notes": 34, "entities": 1321, "content_sha256": "ab" * 32,
                "source": "file", "created_by": "hctap-etl", "created_at": "2026-11-21T09:31:00Z",
            }
        ]
    }
).model_dump(mode="json")  # fmt: skip
EVALUATIONS: Final = EvaluationList.model_validate(
    {
        "run_id": RUN_ID,
        "evaluations": [
            {
                "gold_name": "dev", "gold": "dev@1", "created_at": "2026-11-21T09:31:00Z", "has_details": True,
                "gold_notes": 34, "strict_f1": 0.8471, "overlap_f1": 0.9021,
            }
        ],
    }
).model_dump(mode="json")  # fmt: skip
EVALUATION: Final = EvaluationReport.model_validate(
    {
        "run_id": RUN_ID,
        "gold_name": "dev",
        "gold": "dev@1",
        "created_at": "2026-11-21T09:31:00Z",
        "scores": {"strict": {"micro": _SCORES, "by_type": {"PROBLEM": _SCORES}}},
        "details": {
            "intervals": {
                "strict": {"micro": _INTERVALS, "PROBLEM": _INTERVALS},
                "overlap": {"micro": _INTERVALS, "PROBLEM": _INTERVALS},
            },
            "types": {"PROBLEM": {"PROBLEM": 72, "none": 18}, "none": {"PROBLEM": 8}},
            "assertions": {"negated": {"both": 20, "only_gold": 1, "only_run": 2, "neither": 49}},
            "calibration": [{"low": 0.9, "high": 1.0, "entities": 80, "mean_score": 0.95, "right": 0.9}],
            "errors": {"missed": {"PROBLEM": 18}, "invented": {"PROBLEM": 8}},
        },
    }
).model_dump(mode="json")
ERRORS: Final = EvaluationErrorPage.model_validate(
    {
        "run_id": RUN_ID,
        "gold_name": "dev",
        "errors": [
            {
                "error_no": 0, "kind": "missed", "entity_type": "PROBLEM", "note_id": NOTE_ID, "begin": 12, "end": 22,
                "text": "chest pain", "context": "Denies any chest pain at rest.",
            }
        ],
    }
).model_dump(mode="json")  # fmt: skip
ORDER: Final = EvaluationOrder(gold="dev@1").model_dump(mode="json")
ACCEPTED: Final = EvaluationAccepted(run_id=RUN_ID, gold="dev@1", workers=1).model_dump(mode="json")
