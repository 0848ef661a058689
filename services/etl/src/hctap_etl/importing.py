"""An import from paths to the record of its batch."""

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from hctap_cli.progress import Meter
from hctap_core.sources.files import find_files, read_file
from hctap_etl.cataloguing import CATALOGUE_BUSY, CATALOGUE_SECONDS, list_packs, update_catalogue, update_packs
from hctap_etl.intake import Intake, IntakeOptions
from hctap_etl.lineage.events import import_completed, import_failed, import_started
from hctap_etl.lineage.telling import Lineage
from hctap_etl.remembering import remember
from hctap_stores.database.batches import Batch, write_batch
from hctap_stores.database.catalogue import CATALOGUE_LOCK
from hctap_stores.database.connection import Database
from hctap_stores.database.deletions import deleted_ids
from hctap_stores.database.packs import PackedNote, packed_notes
from hctap_stores.lake.lake import Lake

log = logging.getLogger(__name__)


def import_paths(
    lake: Lake,
    database: Database,
    paths: Sequence[Path],
    options: IntakeOptions,
    meter: Meter,
    lineage: Lineage | None = None,
) -> Batch:
    """Bring the notes of files and folders into the lake, and record the batch there, in the database and as events.

    Raises:
        UnsupportedInput: If a path is not there or cannot be read as notes.
        StoreUnavailable: If a store does not answer; given again, the import continues.
    """
    files = find_files(paths)
    remember(lake, database)
    packed = _packed(lake, database, meter)
    intake = Intake(lake.raw, options, packed, deleted_ids(database))
    lineage = lineage or Lineage()
    with lineage.watch(import_started(intake.batch_id), partial(import_failed, intake.batch_id)):
        with meter.track("importing", sum(file.bytes for file in files), is_bytes=True) as advance:
            records = (record for file in files for record in read_file(file))
            batch = intake.take(records, advance)
        write_batch(database, batch)
        if lake.address.forgets:
            # What is not in the catalogue when the service forgets is gone.
            with database.lock(CATALOGUE_LOCK, busy=CATALOGUE_BUSY, patience_seconds=CATALOGUE_SECONDS):
                update_catalogue(lake.raw, database, meter)
    lineage.tell(import_completed(batch, lake))
    log.info("batch_imported", extra={"batch_id": batch.batch_id, "notes": batch.counts["read"]})
    return batch


def _packed(lake: Lake, database: Database, meter: Meter) -> dict[str, PackedNote]:
    """The notes that the packs of the lake hold, by id."""
    if not any(list_packs(lake.raw)):
        return {}
    with database.lock(CATALOGUE_LOCK, busy=CATALOGUE_BUSY, patience_seconds=CATALOGUE_SECONDS):
        update_packs(lake.raw, database, meter)
    return dict(packed_notes(database))
