"""What the lake holds of a note that was deleted, taken out of it with all versions; what others share is written anew.

Every step may be done twice: a worker that dies in the middle leaves what the next one completes.
"""

import json
import logging
from collections.abc import Callable, Iterable
from typing import Final

from hctap_cli.lines import render_lines
from hctap_core.deletions import Tombstone
from hctap_core.errors import MalformedRecord
from hctap_core.notes import note_from_json
from hctap_core.runs import FINISHED
from hctap_etl.packs import BATCH_METADATA, join_lines, pack_metadata, split_lines
from hctap_etl.products.layout import GOLD, SILVER_ENTITIES, SILVER_NOTES
from hctap_etl.products.producing import make_products
from hctap_etl.publishing import publish, write_quarantine
from hctap_etl.shards import describe_lines
from hctap_stores.database import deletions, export, parts, queue, remembered
from hctap_stores.database.catalogue import CATALOGUE_LOCK
from hctap_stores.database.connection import Database
from hctap_stores.database.deletions import Remains
from hctap_stores.database.holding import keep_run
from hctap_stores.lake.bucket import Bucket
from hctap_stores.lake.keys import (
    REJECTED_PREFIX,
    export_key,
    note_key,
    quarantine_key,
    surrogate_key,
    tombstone_key,
)
from hctap_stores.lake.lake import Lake

log = logging.getLogger(__name__)

_BUSY: Final = "Another process is reading the raw bucket."


def clear_lake(lake: Lake, database: Database, note_id: str, drift_threshold: float) -> None:
    """Take a deleted note out of the lake: the raw bucket, refused records, parts, products, exports.

    Raises:
        StoreUnavailable: If a store does not answer; the job is then tried again.
        RunConflict: If the lake is being read, or an export of one of the runs is being written.
    """
    clear_notes(lake, database, [note_id], drift_threshold, lambda _: None)


def clear_notes(
    lake: Lake, database: Database, note_ids: Iterable[str], drift_threshold: float, advance: Callable[[int], None]
) -> None:
    """Take deleted notes out of the lake; each run that had some of them is counted and published once.

    Raises:
        StoreUnavailable: If a store does not answer; given again, it goes on.
        RunConflict: If the lake is being read, or an export of one of the runs is being written.
    """
    cleared: dict[str, Remains] = {}
    for note_id in note_ids:
        remains = deletions.find_remains(database, note_id)
        if remains is not None:
            write_tombstone(lake.enriched, deletions.find_tombstone(database, note_id))
            _clear_note(lake, database, note_id, remains)
            cleared[note_id] = remains
        advance(1)
    for run_no in sorted({run_no for remains in cleared.values() for run_no in remains.runs}):
        _publish_again(lake, database, run_no, drift_threshold)
    for note_id, remains in cleared.items():
        # The ledger's quarantine has been written meanwhile; of the note's bytes it keeps none.
        for run_id, key in remains.quarantine:
            lake.enriched.erase(quarantine_key(run_id, key).removesuffix(".json") + ".raw")
        deletions.end_deletion(database, note_id)
        log.info("note_erased", extra={"note_id": note_id, "count": len(remains.runs)})


def write_tombstone(bucket: Bucket, tombstone: Tombstone) -> None:
    """Keep in the lake that a note was deleted: the database's backups do not know of what came after them."""
    data = tombstone.model_dump_json(indent=2).encode() + b"\n"
    bucket.write(tombstone_key(tombstone.note_id), data, {"Content-Type": "application/json"})


def _clear_note(lake: Lake, database: Database, note_id: str, remains: Remains) -> None:
    _clear_raw(lake.raw, database, note_id, remains)
    _clear_exports(lake, database, remains)
    _clear_parts(lake, database, remains)
    for raw, content in remains.surrogates:
        lake.enriched.erase(surrogate_key(raw, content))


def _clear_raw(bucket: Bucket, database: Database, note_id: str, remains: Remains) -> None:
    for key in sorted({note_key(note_id), *remains.raw}):
        bucket.erase(key)
    with database.lock(CATALOGUE_LOCK, busy=_BUSY):
        for key in remains.packs:
            _clear_pack(bucket, key, note_id)
    for key in _refused(bucket, note_id):
        bucket.erase(key)


def _clear_pack(bucket: Bucket, key: str, note_id: str) -> None:
    """Write a pack without the lines of a note, in the place of all its versions."""
    found = bucket.read(key)
    if found is None:
        bucket.erase(key)
        return
    lines = [line for _, line in split_lines(found.data) if line.strip()]
    kept = [line for line in lines if _note_of(line) != note_id]
    if not kept:
        bucket.erase(key)
        return
    if len(kept) < len(lines):
        bucket.write(key, join_lines(kept), pack_metadata(found.metadata.get(BATCH_METADATA)))
    # What was there before goes after the new one stands, so that no other note is ever missing.
    bucket.erase(key, but_latest=True)


def _note_of(line: bytes) -> str | None:
    try:
        return note_from_json(line).note_id
    except MalformedRecord as fault:
        return fault.note_id


def _refused(bucket: Bucket, note_id: str) -> Iterable[str]:
    """The bytes of records under the id that imports did not let in; their reasons, which quote nothing, stay."""
    for item in bucket.list(REJECTED_PREFIX):
        found = bucket.read(item.key) if item.key.endswith(".reason.json") else None
        if found is not None and json.loads(found.data).get("note_id") == note_id:
            yield item.key.removesuffix(".reason.json") + ".raw"


def _clear_exports(lake: Lake, database: Database, remains: Remains) -> None:
    completed = deletions.completed_exports(database, remains.runs)
    for export_no, run_id, form, names in completed:
        for name in names:
            lake.enriched.erase(export_key(export_no, run_id, form, name))
    deletions.fail_forgotten(database, [export_no for export_no, *_ in completed])


def _clear_parts(lake: Lake, database: Database, remains: Remains) -> None:
    """Write the parts that held the note without it; a part that no run names any more is erased."""
    before = set(remains.parts)
    for run_no, shard in remains.shards:
        if deletions.find_part(database, run_no, shard) is None:
            continue
        run_id = queue.find_run_by_number(database, run_no).run.run_id
        note_ids = remembered.notes_of_shard(database, run_no, shard)
        notes = export.read_notes(database, run_no, run_id, note_ids)
        entities = [entity for note_id in note_ids for entity in notes[note_id].entities]
        lines = render_lines(entities)
        part = describe_lines(run_id, shard, lines, len(entities))
        # Between the two nothing names the object.
        with keep_run(database, run_id):
            lake.enriched.settle(part.key, lines)
            deletions.rename_part(database, run_no, shard, part)
    for key in sorted(before - parts.named_among(database, before)):
        lake.enriched.erase(key)


def _publish_again(lake: Lake, database: Database, run_no: int, drift_threshold: float) -> None:
    """Count a finished run anew, and write its products, quarantine and manifest as they are now."""
    stored = queue.find_run_by_number(database, run_no)
    if stored.run.status not in FINISHED:
        return
    deletions.count_again(database, run_no, drift_threshold)
    stored = queue.find_run_by_number(database, run_no)
    if not stored.is_published:
        return
    run_id = stored.run.run_id
    made = {part.key for part in make_products(lake, database, stored)}
    for table in (SILVER_NOTES, SILVER_ENTITIES, *GOLD):
        for item in list(lake.enriched.list(f"{table.prefix}/run={run_id}/")):
            if item.key not in made:
                lake.enriched.erase(item.key)
    write_quarantine(lake, database, stored)
    publish(lake, database, stored)
