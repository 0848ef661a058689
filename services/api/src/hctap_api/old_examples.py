"""Examples in the shapes that HC-TAP's users know."""

from typing import Any, Final

from hctap_api.examples import NOTE, RUN
from hctap_core.old_shapes import OldConfig, old_entities, old_stats
from hctap_core.runs import Run

FOUND: Final[list[dict[str, Any]]] = old_entities(NOTE["entities"], all_types=False)
OLD_FIELDS: Final = ("note_id", "specialty", "text", "checksum")
NOTE_ENTITIES: Final = {"entities": FOUND}
STATS: Final = old_stats(Run.model_validate(RUN)).model_dump(mode="json")
EXTRACTION: Final = NOTE_ENTITIES
CONFIG: Final = OldConfig(
    RUN_ID=RUN["run_id"],
    NOTES_DIR="s3://hc-tap-raw-notes/notes/",
    ENRICHED_FILE=f"s3://hc-tap-enriched-entities/entities/run={RUN['run_id']}/",
    RUN_MANIFEST="s3://hc-tap-enriched-entities/runs/latest.json",
    ENRICHED_BUCKET="hc-tap-enriched-entities",
).model_dump()
OLD_NOTE: Final = {name: NOTE[name] for name in OLD_FIELDS} | NOTE_ENTITIES
