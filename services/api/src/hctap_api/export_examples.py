"""What the routes of exports answer, as the OpenAPI shows it."""

from typing import Final

from hctap_api.examples import RUN_ID
from hctap_core.exports import Export, ExportAccepted, ExportList

EXPORT: Final = Export.model_validate(
    {
        "export_no": 1, "run_id": RUN_ID, "form": "omop", "state": "completed", "notes": 68, "entities": 1479,
        "files": [{"name": "note_nlp.csv", "sha256": "ab" * 32, "bytes": 214311}],
        "created_by": "k1", "created_at": "2026-11-21T10:00:00Z", "finished_at": "2026-11-21T10:00:03Z",
    }
).model_dump(mode="json")  # fmt: skip
EXPORTS: Final = ExportList.model_validate({"exports": [EXPORT]}).model_dump(mode="json")
ACCEPTED: Final = ExportAccepted.model_validate(
    {
        "export": {name: EXPORT[name] for name in ("export_no", "run_id", "form", "created_by", "created_at")}
        | {"state": "queued"},
        "workers": 1,
    }
).model_dump(mode="json")
