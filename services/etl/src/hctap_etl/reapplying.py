"""Deletions done once more, after database or lake came back out of a backup that is older than they are."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from hctap_cli.progress import Meter
from hctap_core.deletions import TOMBSTONE_VERSION, Tombstone
from hctap_core.errors import NoteNotFound, RunConflict
from hctap_etl.erasing import clear_notes
from hctap_stores.database import deletions
from hctap_stores.database.auditing import Access
from hctap_stores.database.connection import Database
from hctap_stores.database.erasing import erase_note
from hctap_stores.lake.bucket import Bucket
from hctap_stores.lake.keys import DELETIONS_PREFIX
from hctap_stores.lake.lake import Lake
from hctap_stores.lake.versions import require_known

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reapplied:
    """How many deletions lake and database know, how many the database had forgotten; notes that had to be left."""

    known: int
    forgotten: int
    busy: tuple[str, ...] = ()


def reapply(lake: Lake, database: Database, meter: Meter, drift_threshold: float) -> Reapplied:
    """Delete again, in database and lake, every note that either knows as deleted; may be given at any time.

    Raises:
        StoreUnavailable: If lake or database do not answer; given again, it goes on.
        RunConflict: If the lake is being read, or an export is being written.
        MigrationNeeded: If a newer program has written a tombstone.
    """
    told = {tombstone.note_id: tombstone for tombstone in read_tombstones(lake.enriched)}
    forgotten = told.keys() - deletions.deleted_ids(database)
    busy = [note_id for note_id in sorted(forgotten) if not _delete_again(database, told[note_id])]
    known = deletions.list_tombstones(database)
    for tombstone in known:
        deletions.recall(database, told.get(tombstone.note_id, tombstone))
    with meter.track("clearing the lake of notes", len(known)) as advance:
        clear_notes(lake, database, [tombstone.note_id for tombstone in known], drift_threshold, advance)
    made = Reapplied(len(known) + len(busy), len(forgotten) - len(busy), tuple(busy))
    log.info("deletions_reapplied", extra={"count": made.known, "remaining": len(busy)})
    return made


def read_tombstones(bucket: Bucket) -> Iterator[Tombstone]:
    """Those that the lake keeps.

    Raises:
        MigrationNeeded: If a newer program has written one.
    """
    for item in bucket.list(DELETIONS_PREFIX):
        require_known(bucket, item.key, "schema_version", TOMBSTONE_VERSION)
        found = bucket.read(item.key)
        if found is not None:
            yield Tombstone.model_validate_json(found.data)


def _delete_again(database: Database, tombstone: Tombstone) -> bool:
    """Take a note out of the database that has forgotten its deletion; False if a run is working on it."""
    access = Access(
        actor=tombstone.deleted_by,
        role="admin",
        address=None,
        action="note.delete.again",
        request_id="reapply",
        note_id=tombstone.note_id,
        notes=0,
    )
    try:
        erase_note(database, tombstone.note_id, tombstone.reason, access)
    except NoteNotFound:
        deletions.keep_tombstone(database, tombstone)
    except RunConflict:
        return False
    return True
