"""The same bundles from one process and from several, and what is said when one of those ends."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from hctap_core.errors import PlatformError
from hctap_core.runs import Run
from hctap_etl.exports.fhir.writer import FhirExport
from hctap_etl.exports.folder import OutputFolder
from hctap_stores.database.documents import Document

Documents = Callable[[], Iterator[Document]]


@pytest.fixture
def documents(make_document: Callable[..., Document], make_entity: Callable[..., dict[str, Any]]) -> Documents:
    """Some more notes than two processes take at once."""

    def make() -> Iterator[Document]:
        for number in range(130):
            text = f"Fever on day {number}."
            entities = [make_entity("PROBLEM", "Fever"), make_entity("ANATOMY", "day", begin=9)]
            yield make_document(text, entities, note_id=f"n{number}")

    return make


def _write(folder: Path, run: Run, documents: Iterator[Document], workers: int) -> tuple[bytes, dict[str, int]]:
    output = OutputFolder(folder)
    export = FhirExport(output, run, workers)
    remarks = _write_all(export, documents)
    output.finish()
    return (folder / "bundles.ndjson").read_bytes(), remarks


def _write_all(export: FhirExport, documents: Iterator[Document]) -> dict[str, int]:
    for document in documents:
        export.write(document)
    return export.close()


def test_processes_change_no_byte(documents: Documents, run_record: Run, tmp_path: Path) -> None:
    one, several = (_write(tmp_path / str(count), run_record, documents(), count) for count in (1, 2))
    assert one == several
    assert (len(one[0].splitlines()), one[1]) == (130, {"entities without a resource": 130})


def _kill_all(export: FhirExport) -> None:
    for process in _processes(export):
        process.kill()


def _processes(export: FhirExport) -> list[psutil.Process]:
    found = export._pool._processes.values() if export._pool else ()
    return [psutil.Process(process.pid) for process in found]


def test_a_process_that_ends_is_said_and_leaves_no_file(documents: Documents, run_record: Run, tmp_path: Path) -> None:
    output = OutputFolder(tmp_path)
    export = FhirExport(output, run_record, 2)
    for document in itertools.islice(documents(), 32):
        export.write(document)
    _kill_all(export)
    with pytest.raises(PlatformError, match="has ended") as caught:
        _write_all(export, documents())
    output.discard()
    assert "workers" in str(caught.value.remedy)
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_is_given_up_leaves_no_process(documents: Documents, run_record: Run, tmp_path: Path) -> None:
    output = OutputFolder(tmp_path)
    export = FhirExport(output, run_record, 2)
    for document in documents():
        export.write(document)
    processes = _processes(export)
    assert processes
    output.discard()
    assert not [process for process in processes if process.is_running()]
