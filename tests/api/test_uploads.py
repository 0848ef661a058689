"""Notes that come in through the API, on the real lake and database."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.api.conftest import open_engine
from tests.api.test_files import make_docx, make_pdf
from tests.clinic import FIRST_RUN, RUNNING_RUN, fill_database, lake_of, settings_of

from hctap_client import Client
from hctap_core.deletions import DeletionReason, DeletionState
from hctap_core.errors import (
    BadInput,
    FileTooLarge,
    NoteConflict,
    NoteNotFound,
    RunConflict,
    UnknownExtractor,
    UnsupportedInput,
)
from hctap_core.notes import note_from_json
from hctap_core.uploads import MAX_UPLOAD_BYTES, NoteFields, NoteUpload, UploadState
from hctap_embedded.stack import Stack
from hctap_stores.database.connection import Database
from hctap_stores.database.queue import cancel_run
from hctap_stores.lake.keys import note_key, upload_key
from hctap_stores.lake.lake import Lake

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def database_url(new_database: Callable[[], str]) -> str:
    url = new_database()
    fill_database(url)
    return url


@pytest.fixture(scope="module")
def lake(stack: Stack, database_url: str) -> Lake:
    made = lake_of(settings_of(stack, database_url))
    made.prepare()
    return made


@pytest.fixture(scope="module")
def client(stack: Stack, database_url: str, lake: Lake, engine_home: Path) -> Iterator[Client]:
    assert lake.raw is not None  # made ready before the API asks for it
    with open_engine(stack, database_url, engine_home) as url, Client(url, timeout=30) as opened:
        yield opened


def test_a_note_is_kept_and_waits_for_a_run(client: Client, lake: Lake) -> None:
    accepted = client.upload_note(NoteUpload(note_id="new-1", text="Fever today.", patient_id="p-9", source="desk"))
    upload = accepted.upload
    assert (upload.state, upload.note_id, upload.characters) == (UploadState.UPLOADED, "new-1", 12)
    assert "hctap-etl worker" in str(accepted.remedy)
    kept = lake.raw.read(note_key("new-1"))
    assert kept is not None
    note = note_from_json(kept.data)
    assert (note.text, note.patient_id, note.source) == ("Fever today.", "p-9", "desk")
    assert upload.run_id is not None
    run = client.run(upload.run_id)
    assert (run.status.value, run.is_incremental, run.pipeline.extractor) == ("queued", True, "hybrid")
    other = client.upload_note(NoteUpload(text="Cough today."))
    assert other.upload.run_id == upload.run_id, "what comes before a run begins is read by it"
    again = client.upload_note(NoteUpload(note_id="new-1", text="Fever today.", patient_id="p-9", source="desk"))
    assert again.upload.note_id == "new-1"
    entry = client.audit(note_id="new-1").entries[0]
    assert (entry.action, entry.run_id) == ("note.upload", upload.run_id)


@pytest.mark.parametrize(
    ("data", "ending", "text"),
    [
        (make_pdf("Denies chest pain."), "pdf", "Denies chest pain."),
        (make_docx("Asthma since birth."), "docx", "Asthma since birth."),
        (b"Gout.\r\n", "txt", "Gout.\r\n"),
    ],
)
def test_a_file_is_kept_beside_its_text(client: Client, lake: Lake, data: bytes, ending: str, text: str) -> None:
    upload = client.upload_file(data, NoteFields(specialty="Ward", extractor=None)).upload
    assert (upload.state, upload.run_id, upload.bytes) == (UploadState.UPLOADED, None, len(data))
    original = lake.raw.read(upload_key(hashlib.sha256(data).hexdigest(), ending))
    assert original is not None
    assert original.data == data
    kept = lake.raw.read(note_key(upload.note_id))
    assert kept is not None
    assert (note_from_json(kept.data).text, note_from_json(kept.data).specialty) == (text, "Ward")


def test_what_can_be_no_note_is_refused(client: Client) -> None:
    with pytest.raises(NoteConflict):
        client.upload_note(NoteUpload(note_id="cardiology-1", text="Another text."))
    client.upload_note(NoteUpload(note_id="twice", text="One.", extractor=None))
    with pytest.raises(NoteConflict):
        client.upload_note(NoteUpload(note_id="twice", text="Two.", extractor=None))
    with pytest.raises(UnknownExtractor):
        client.upload_note(NoteUpload(text="x", extractor="magic"))
    for bad in (NoteUpload(text="  "), NoteUpload(text="a\x00b"), NoteUpload(note_id="a/b", text="x")):
        with pytest.raises(BadInput):
            client.upload_note(bad)
    with pytest.raises(UnsupportedInput):
        client.upload_file(b"\xff\x00\x01")
    with pytest.raises(BadInput):
        client.upload_file(b"%PDF-1.7 nothing")
    with pytest.raises(FileTooLarge):
        client.upload_file(b"x" * (MAX_UPLOAD_BYTES + 1))
    for form in ({"note": "no json"}, {"note": '{"colour": "red"}'}):
        response = httpx.post(f"{client.base_url}/v1/notes/files", files={"file": b"x"}, data=form)
        assert response.status_code == 422
    with pytest.raises(NoteNotFound):
        client.upload(10**6)


def test_the_state_is_that_of_the_run(client: Client, database_url: str) -> None:
    upload = client.upload_note(NoteUpload(text="Nausea.", extractor="rules")).upload
    assert upload.run_id is not None
    assert client.upload(upload.upload_no).state is UploadState.UPLOADED
    with Database(database_url) as database:
        cancel_run(database, upload.run_id)
    failed = client.upload(upload.upload_no)
    assert (failed.state, failed.reason) == (UploadState.FAILED, "cancelled")


def test_a_note_is_deleted_by_admins_with_a_reason(client: Client, database_url: str) -> None:
    client.upload_note(NoteUpload(note_id="gone-1", text="Melaena.", extractor=None))
    with pytest.raises(NoteNotFound):
        client.delete_note("never-there", DeletionReason.WRONG_PATIENT)
    with pytest.raises(RunConflict):
        client.delete_note("cardiology-1", DeletionReason.WRONG_PATIENT)
    accepted = client.delete_note("gone-1", DeletionReason.WRONG_PATIENT)
    assert (accepted.deletion.state, accepted.workers) == (DeletionState.ERASING, 0)
    assert "hctap-etl worker" in str(accepted.remedy)
    entry = client.audit(note_id="gone-1").entries[0]
    assert (entry.action, entry.actor, entry.reason, entry.notes) == ("note.delete", "open", "wrong_patient", 0)
    with pytest.raises(NoteConflict):
        client.upload_note(NoteUpload(note_id="gone-1", text="Melaena.", extractor=None))
    again = client.delete_note("gone-1", DeletionReason.LEGAL_ORDER)
    assert again.deletion == accepted.deletion
    with Database(database_url) as database, database.transaction() as connection:
        jobs = connection.execute(
            "SELECT args FROM procrastinate.procrastinate_jobs WHERE task_name = 'erase_note'"
        ).fetchall()
    assert jobs == [({"note_id": "gone-1"},)]
    for query in ("", "?reason=because"):
        response = httpx.delete(f"{client.base_url}/v1/notes/ward-001{query}")
        assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "reason")


def test_a_deleted_note_is_read_no_more(client: Client, database_url: str) -> None:
    with Database(database_url) as database:
        cancel_run(database, RUNNING_RUN)
    before = client.note("cardiology-2").entities
    client.delete_note("cardiology-1", DeletionReason.PATIENT_REQUEST)
    with pytest.raises(NoteNotFound):
        client.note("cardiology-1")
    with pytest.raises(NoteNotFound):
        client.note("cardiology-1", FIRST_RUN)
    assert client.note("cardiology-2").entities == before
    assert "cardiology-1" not in {note.note_id for note in client.notes().notes}
