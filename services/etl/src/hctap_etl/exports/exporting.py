"""An export from the database to a folder, a note at a time."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from hctap_cli.progress import Meter
from hctap_core.errors import BadInput, RunConflict
from hctap_core.runs import FINISHED, Run
from hctap_etl.exports.folder import OutputFolder, writing
from hctap_etl.exports.forms import Form
from hctap_stores.database import runs
from hctap_stores.database.connection import Database
from hctap_stores.database.documents import Document, count_documents, read_documents
from hctap_stores.database.runs import StoredRun

log = logging.getLogger(__name__)

EXPORT_SCHEMA_VERSION: Final = 1
DESCRIPTION: Final = "export.json"
# Processes take about as long to start as so many notes to export.
_NOTES_FOR_WORKERS: Final = 200


class Export(Protocol):
    """What writes one form; `close` says what is to be remarked, with counts."""

    def write(self, document: Document) -> None:
        """Write a note with what was found in it."""
        ...

    def close(self) -> dict[str, int]:
        """Finish the files."""
        ...


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export left: its files by name with sha256 and bytes, counts, and remarks with counts."""

    run: Run
    form: Form
    folder: Path
    notes: int
    entities: int
    files: Sequence[dict[str, str | int]]
    remarks: dict[str, int]
    missing: int


def find_finished_run(database: Database, run_id: str) -> StoredRun:
    """The run of an id, or the one finished last for `latest`.

    Raises:
        RunNotFound: If there is none.
        RunConflict: If it is not finished.
    """
    stored = runs.find_run(database, run_id)
    if stored.run.status not in FINISHED:
        raise RunConflict(f"The run {stored.run.run_id} is not finished.", remedy="Complete it: `hctap-etl run`.")
    return stored


def read_note_ids(path: Path) -> list[str]:
    """The note ids in a file, one a line.

    Raises:
        BadInput: If it cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"The note ids in {path.name} cannot be read: {type(error).__name__}.",
            remedy="Give a UTF-8 file with one id a line.",
        ) from None
    return sorted({line.strip() for line in lines if line.strip()})


def export_run(
    database: Database,
    stored: StoredRun,
    form: Form,
    folder: Path,
    note_ids: Sequence[str] | None,
    meter: Meter,
    workers: int = 1,
) -> Exported:
    """Write what a run found, in a form, into a folder; the same run gives the same bytes for any number of workers.

    Raises:
        BadInput: If the folder cannot be written.
        StoreUnavailable: If the database does not answer; files of an earlier export stay as they are.
    """
    run = stored.run
    total = count_documents(database, stored.run_no, note_ids)
    notes = entities = 0
    with writing(folder):
        output = OutputFolder(folder)
        try:
            export = _EXPORTS[form](output, run, _workers_for(total, workers))
            with meter.track("exporting", total) as advance:
                for document in read_documents(database, stored.run_no, run.run_id, note_ids):
                    export.write(document)
                    notes += 1
                    entities += len(document.entities)
                    advance(1)
            remarks = {name: count for name, count in export.close().items() if count}
            files = output.finish()
        except BaseException:
            output.discard()
            raise
        done = Exported(
            run, form, folder, notes, entities, files, remarks, len(note_ids or ()) - notes if note_ids else 0
        )
        _describe(done)
    log.info("run_exported", extra={"run_id": run.run_id, "notes": notes, "entities": entities, "part": form.value})
    return done


def _workers_for(notes: int, most: int) -> int:
    return most if notes >= _NOTES_FOR_WORKERS else 1


def _describe(done: Exported) -> None:
    """Leave beside the files what they are, without the time at which they were written."""
    record: dict[str, Any] = {
        "schema_version": EXPORT_SCHEMA_VERSION,
        "run_id": done.run.run_id,
        "pipeline_hash": done.run.pipeline_hash,
        "pipeline": done.run.pipeline.model_dump(mode="json"),
        "format": done.form.value,
        "notes": done.notes,
        "entities": done.entities,
        "remarks": done.remarks,
        "files": done.files,
    }
    data = json.dumps(record, ensure_ascii=False, sort_keys=True, indent=2) + "\n"
    (done.folder / DESCRIPTION).write_bytes(data.encode())


def _csv(folder: OutputFolder, run: Run, _: int) -> Export:
    from hctap_etl.exports.csv_files import CsvExport

    return CsvExport(folder, run.run_id)


def _parquet(folder: OutputFolder, run: Run, _: int) -> Export:
    from hctap_etl.exports.parquet_files import ParquetExport

    return ParquetExport(folder, run.run_id)


def _omop(folder: OutputFolder, run: Run, _: int) -> Export:
    from hctap_etl.exports.omop import OmopExport

    return OmopExport(folder, run)


def _fhir(folder: OutputFolder, run: Run, workers: int) -> Export:
    from hctap_etl.exports.fhir.writer import FhirExport

    return FhirExport(folder, run, workers)


def _comprehend(folder: OutputFolder, run: Run, _: int) -> Export:
    from hctap_etl.exports.comprehend import ComprehendExport

    return ComprehendExport(folder, run)


_EXPORTS: Final[dict[Form, Callable[[OutputFolder, Run, int], Export]]] = {
    Form.CSV: _csv,
    Form.PARQUET: _parquet,
    Form.OMOP: _omop,
    Form.FHIR: _fhir,
    Form.COMPREHEND: _comprehend,
}
