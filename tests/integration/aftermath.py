"""What a run leaves in the stores, without what may differ from one undisturbed run to the next."""

from dataclasses import dataclass
from typing import Any

from hctap_cli.lines import render_lines
from hctap_core.runs import Manifest
from hctap_stores.database import runs
from hctap_stores.database.connection import Database
from hctap_stores.database.export import read_entities
from hctap_stores.lake.lake import Lake

TIMES = ("ts", "ts_started", "ts_finished", "duration_ms_p50", "duration_ms_p95")


@dataclass(frozen=True)
class Aftermath:
    """The objects of the enriched bucket, the exported rows, manifest and ledger without times and attempts."""

    objects: dict[str, bytes]
    exported: bytes
    manifest: dict[str, Any]
    is_latest: bool
    ledger: list[tuple[Any, ...]]
    shards: list[tuple[Any, ...]]


def look_at(lake: Lake, database: Database, run_id: str) -> Aftermath:
    """What the run left."""
    stored = runs.find_run(database, run_id)
    # Events of lineage tell when something happened, so they differ by nature.
    keys = [item.key for item in lake.enriched.list() if not item.key.startswith("lineage/")]
    objects = {key: found.data for key in keys if (found := lake.enriched.read(key)) is not None}
    manifest = objects.pop(f"runs/{run_id}/manifest.json")
    latest = objects.pop("runs/latest.json")
    with database.transaction() as connection:
        ledger = connection.execute(
            """
            SELECT object_key, etag, bytes, note_id, content_sha256, state, reason, detail, duplicate_of, shard,
                entity_count, characters FROM run_notes WHERE run_no = %s ORDER BY object_key
            """,
            (stored.run_no,),
        ).fetchall()
        shards = connection.execute(
            "SELECT shard, state, object_key, sha256, rows, bytes FROM run_shards WHERE run_no = %s ORDER BY shard",
            (stored.run_no,),
        ).fetchall()
    return Aftermath(
        objects=objects,
        exported=render_lines(read_entities(database, stored.run_no, run_id)),
        manifest=Manifest.model_validate_json(manifest).model_dump(mode="json", exclude=set(TIMES)),
        is_latest=latest == manifest,
        ledger=ledger,
        shards=shards,
    )
