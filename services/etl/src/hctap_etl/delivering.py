"""An export that was ordered: written aside, and then into the lake."""

import logging
import tempfile
from pathlib import Path

from hctap_cli.progress import Meter
from hctap_core.errors import PlatformError, StoreUnavailable
from hctap_etl.exports.exporting import DESCRIPTION, Exported, export_run
from hctap_etl.exports.folder import describe_file
from hctap_etl.lineage.events import ExportEvents
from hctap_etl.lineage.telling import Lineage
from hctap_stores.database import exports, runs
from hctap_stores.database.connection import Database
from hctap_stores.lake.keys import export_key
from hctap_stores.lake.lake import Lake

log = logging.getLogger(__name__)


def deliver_export(
    lake: Lake, database: Database, export_no: int, meter: Meter, lineage: Lineage | None = None
) -> Exported | None:
    """Write the files of an export into the lake and say so in the database; None if it cannot be made.

    Raises:
        StoreUnavailable: If a store does not answer; the job is then tried again.
    """
    ordered = exports.find_export(database, export_no)
    exports.begin_export(database, export_no)
    stored = runs.find_run(database, ordered.run_id)
    lineage, events = lineage or Lineage(), ExportEvents(stored.run, ordered.form)
    try:
        with (
            lineage.watch(events.started(), events.failed),
            tempfile.TemporaryDirectory(prefix="hctap-export-") as folder,
        ):
            done = export_run(database, stored, ordered.form, Path(folder), None, meter)
            files = [*done.files, describe_file(DESCRIPTION, Path(folder) / DESCRIPTION)]
            for file in files:
                name = str(file["name"])
                lake.enriched.write_file(
                    export_key(export_no, ordered.run_id, ordered.form.value, name), Path(folder) / name
                )
    except StoreUnavailable:
        raise
    except PlatformError as error:
        exports.fail_export(database, export_no, error.message)
        return None
    exports.complete_export(database, export_no, notes=done.notes, entities=done.entities, files=files)
    lineage.tell(events.completed(done, database.address))
    log.info("export_delivered", extra={"run_id": ordered.run_id, "part": ordered.form.value, "notes": done.notes})
    return done
