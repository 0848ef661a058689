"""What the routes of reviews take and answer, as the OpenAPI shows it."""

from typing import Any, Final

from hctap_api.evaluation_examples import GOLD_SETS
from hctap_api.examples import NOTE, NOTE_ID, RUN_ID
from hctap_core.golds import GoldSet
from hctap_core.reviews import (
    Agreement,
    Decision,
    Review,
    ReviewDocument,
    ReviewList,
    ReviewTaskPage,
    StateWritten,
)

_AT: Final = "2026-11-21T10:00:00Z"
REVIEW: Final = Review.model_validate(
    {
        "name": "ward-7", "run_id": RUN_ID, "created_by": "k1", "created_at": _AT, "tasks": 20,
        "reviewers": [{"reviewer": "k2", "done": 4, "skipped": 1, "decisions": 61}],
    }
).model_dump(mode="json")  # fmt: skip
REVIEWS: Final = ReviewList.model_validate({"reviews": [REVIEW]}).model_dump(mode="json")
TASKS: Final = ReviewTaskPage.model_validate(
    {
        "review": "ward-7",
        "tasks": [{"task_no": 1, "place": 1, "note_id": NOTE_ID, "entities": 21, "state": "open", "decisions": 3}],
    }
).model_dump(mode="json")
_RECORD: Final[dict[str, Any]] = {
    "entity_type": "PROBLEM", "text": "chest pain", "begin": 12, "end": 22, "assertion": {"negated": True},
}  # fmt: skip
DECISION: Final = Decision.model_validate(
    {"item": "e0", "verdict": "change", "record": _RECORD, "version": 1, "decided_at": _AT}
).model_dump(mode="json")
DOCUMENT: Final = ReviewDocument.model_validate(
    {
        "task_no": 1, "review": "ward-7", "reviewer": "k2", "note_id": NOTE["note_id"], "run_id": RUN_ID,
        "specialty": NOTE["specialty"], "text": NOTE["text"], "entities": NOTE["entities"],
        "decisions": [{"item": "e0", "verdict": "accept", "version": 1, "decided_at": _AT}],
        "state": "open", "state_version": 0,
    }
).model_dump(mode="json")  # fmt: skip
STATE: Final = StateWritten.model_validate({"task_no": 1, "state": "done", "version": 1}).model_dump(mode="json")
_KAPPA: Final = {"items": 84, "agreed": 0.9524, "kappa": 0.8611}
AGREEMENT: Final = Agreement.model_validate(
    {
        "review": "ward-7", "first": "k2", "second": "k3", "notes": 4, "keep": _KAPPA, "entity_type": _KAPPA,
        "assertions": {"negated": _KAPPA}, "span_f1": 0.9512,
    }
).model_dump(mode="json")  # fmt: skip
GOLD: Final = GoldSet.model_validate(
    GOLD_SETS["sets"][0] | {"name": "ward-7", "source": "review ward-7", "created_by": "k1"}
).model_dump(mode="json")
