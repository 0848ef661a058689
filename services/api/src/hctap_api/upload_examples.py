"""What the routes that take notes in answer, as the OpenAPI shows it."""

from typing import Final

from hctap_api.examples import NOTE_ID, RUN_ID
from hctap_core.uploads import Upload, UploadAccepted

UPLOAD: Final = Upload.model_validate(
    {
        "upload_no": 1, "note_id": NOTE_ID, "state": "uploaded", "media_type": "application/pdf", "bytes": 48213,
        "sha256": "ab" * 32, "characters": 1520, "run_id": RUN_ID, "created_by": "k1",
        "created_at": "2026-11-21T10:00:00Z",
    }
).model_dump(mode="json")  # fmt: skip
ACCEPTED: Final = UploadAccepted.model_validate({"upload": UPLOAD, "workers": 1}).model_dump(mode="json")
