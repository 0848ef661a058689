"""Exports ordered and fetched through the API, written by the code of the workers."""

import csv
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import cast
from urllib.parse import quote

import pytest
from rich.console import Console
from tests.clinic import (
    FIRST_RUN,
    LATEST_RUN,
    ODD_ID,
    RUNNING_RUN,
    TEXTS,
    find_entities,
    lake_of,
    settings_of,
)

from hctap_cli.progress import Meter
from hctap_client import Client
from hctap_core.errors import ExportNotFound, NoteNotFound, RunConflict, RunNotFound
from hctap_core.exports import ExportForm, ExportState
from hctap_embedded.stack import Stack
from hctap_etl import delivering
from hctap_etl.delivering import deliver_export
from hctap_etl.exports.exporting import export_run
from hctap_etl.lineage.telling import Lineage
from hctap_etl.processes import Processes
from hctap_etl.working import QueueWork
from hctap_stores.database.connection import Database
from hctap_stores.database.jobs import Serving, serve
from hctap_stores.database.orders import CHORES

pytestmark = pytest.mark.stack


def test_an_export_is_ordered_written_and_fetched(
    client: Client, stack: Stack, database_url: str, tmp_path: Path
) -> None:
    accepted = client.start_export(ExportForm.CSV)
    number = accepted.export.export_no
    assert (accepted.export.run_id, accepted.export.state, accepted.workers) == (LATEST_RUN, ExportState.QUEUED, 0)
    with Database(database_url) as database:
        with database.transaction() as connection:
            jobs = connection.execute("SELECT task_name, args FROM procrastinate.procrastinate_jobs").fetchall()
        assert jobs == [("export_run", {"export_no": number})]
        with pytest.raises(RunConflict):
            client.fetch_export_file(number, "entities.csv", tmp_path / "early")
        lake = lake_of(settings_of(stack, database_url))
        deliver_export(lake, database, number, Meter(Console(quiet=True)))
    done = client.export(number)
    assert (done.state, done.notes) == (ExportState.COMPLETED, len(TEXTS))
    assert done.entities == sum(len(find_entities(text)) for text in TEXTS.values())
    for file in done.files:
        client.fetch_export_file(number, file.name, tmp_path / file.name)
        assert hashlib.sha256((tmp_path / file.name).read_bytes()).hexdigest() == file.sha256
    assert "export.json" in {file.name for file in done.files}
    with (tmp_path / "entities.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == done.entities
    assert client.exports().exports == (done,)
    entry = client.audit().entries[0]
    assert (entry.action, entry.notes, entry.run_id) == ("export.read", len(TEXTS), LATEST_RUN)


def test_what_is_not_there_is_said(client: Client, tmp_path: Path) -> None:
    with pytest.raises(RunNotFound):
        client.start_export(ExportForm.OMOP, "nobody")
    with pytest.raises(RunConflict):
        client.start_export(ExportForm.OMOP, RUNNING_RUN)
    with pytest.raises(ExportNotFound):
        client.export(10**6)
    with pytest.raises(ExportNotFound):
        client.fetch_export_file(1, "other.csv", tmp_path / "x")


def test_an_export_that_meets_an_error_of_any_kind_has_failed_and_is_tried_again(
    client: Client, stack: Stack, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = client.start_export(ExportForm.CSV).export.export_no
    with pytest.raises(RunConflict):
        client.retry_export(number)

    def break_down(*_: object, **__: object) -> None:
        raise KeyError("words of a note")

    work_off(stack, database_url, monkeypatch, break_down)
    failed = client.export(number)
    assert (failed.state, failed.error) == (ExportState.FAILED, "An unexpected KeyError.")
    assert failed.finished_at is not None
    again = client.retry_export(number).export
    assert (again.state, again.error) == (ExportState.QUEUED, None)
    work_off(stack, database_url, monkeypatch, export_run)
    assert client.export(number).state is ExportState.COMPLETED
    with pytest.raises(RunConflict):
        client.retry_export(number)
    with pytest.raises(ExportNotFound):
        client.retry_export(10**6)


def work_off(stack: Stack, database_url: str, monkeypatch: pytest.MonkeyPatch, export: Callable[..., object]) -> None:
    """Let a worker do all that waits, with this as what makes exports."""
    monkeypatch.setattr(delivering, "export_run", export)
    with Database(database_url) as database:
        work = QueueWork(
            lake=lake_of(settings_of(stack, database_url)),
            database=database,
            crew=cast(Processes, None),
            meter=Meter(Console(quiet=True)),
            lineage=Lineage(),
        )
        serve(database_url, work, Serving("none", jobs_at_once=1, is_patient=False, orders=(CHORES,)))


def test_a_note_as_fhir_has_the_bytes_of_the_export(
    client: Client, stack: Stack, database_url: str, tmp_path: Path
) -> None:
    with Database(database_url) as database:
        number = client.start_export(ExportForm.FHIR).export.export_no
        deliver_export(lake_of(settings_of(stack, database_url)), database, number, Meter(Console(quiet=True)))
    client.fetch_export_file(number, "bundles.ndjson", tmp_path / "bundles")
    lines = (tmp_path / "bundles").read_bytes().splitlines()
    note_ids = sorted(TEXTS)
    for note_id in ("cardiology-1", "cardiology-2", ODD_ID):
        response = client.ask("GET", f"/v1/notes/{quote(note_id, safe='')}/fhir")
        assert response.headers["content-type"] == "application/fhir+json"
        assert response.content == lines[note_ids.index(note_id)]
    assert client.note_as_fhir("changed-1", FIRST_RUN) != client.note_as_fhir("changed-1")
    entry = client.audit(note_id="changed-1").entries[0]
    assert (entry.action, entry.run_id, entry.notes) == ("note.fhir", LATEST_RUN, 1)
    for note_id, run_id in (("late-1", None), ("nobody", None), ("script-1", FIRST_RUN)):
        with pytest.raises(NoteNotFound):
            client.note_as_fhir(note_id, run_id)
    with pytest.raises(RunNotFound):
        client.note_as_fhir("cardiology-1", "nobody")
