"""Examples of lists of runs, of ledgers and of comparisons."""

from typing import Any, Final

from hctap_api.examples import NOTE_ID, RUN, RUN_ID
from hctap_core.comparisons import ChangedNotes, Comparison, NoteComparison
from hctap_core.ledgers import LedgerPage, RunPage

OTHER_RUN_ID: Final = "20261122T093000Z-hybrid"
_COUNTS: Final = {"added": 2, "removed": 1, "reasserted": 1, "recoded": 0, "same": 1476}
_SIDE: Final[dict[str, Any]] = {"section": "plan", "assertion": {}, "codes": ["ICD-10-CM R07.9"]}
_PAIR: Final = {"first": RUN_ID, "second": OTHER_RUN_ID}
RUN_PAGE: Final = RunPage.model_validate({"runs": [RUN]}).model_dump(mode="json")
LEDGER: Final = LedgerPage.model_validate(
    {
        "run_id": RUN_ID,
        "notes": [
            {
                "object_key": "notes/broken.json", "state": "quarantined", "reason": "not_json", "detail": "not JSON",
                "entities": 0, "characters": 0, "attempt": 0,
            }
        ],
    }
).model_dump(mode="json")  # fmt: skip
COMPARISON: Final = Comparison.model_validate(
    {
        **_PAIR, "texts": {"both": 60, "only_first": 0, "only_second": 2}, "total": _COUNTS,
        "by_type": {"PROBLEM": _COUNTS}, "by_section": {"plan": _COUNTS}, "by_code": {"ICD-10-CM R07.9": _COUNTS},
    }
).model_dump(mode="json")  # fmt: skip
CHANGED_NOTES: Final = ChangedNotes.model_validate({"notes": [{"note_id": NOTE_ID, "changes": _COUNTS}]}).model_dump(
    mode="json"
)
NOTE_COMPARISON: Final = NoteComparison.model_validate(
    {
        **_PAIR, "note_id": NOTE_ID,
        "changes": [
            {
                "changes": ["reasserted"], "entity_type": "PROBLEM", "text": "chest pain", "begin": 12, "end": 22,
                "first": _SIDE, "second": _SIDE | {"assertion": {"negated": True}},
            }
        ],
    }
).model_dump(mode="json")  # fmt: skip
