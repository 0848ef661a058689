"""What the route that deletes a note answers, as the OpenAPI shows it."""

from typing import Final

from hctap_api.examples import NOTE_ID
from hctap_core.deletions import DeletionAccepted

ACCEPTED: Final = DeletionAccepted.model_validate(
    {
        "deletion": {
            "note_id": NOTE_ID, "content_sha256": "ab" * 32, "reason": "consent_withdrawn", "state": "erasing",
            "runs": 3, "deleted_by": "k1", "deleted_at": "2026-11-21T10:00:00Z",
        },
        "workers": 1,
    }
).model_dump(mode="json")  # fmt: skip
