"""Uploaded notes in the database: entered with the run that reads them, and how far they have come."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from psycopg.rows import dict_row

from hctap_core.errors import NoteConflict, NoteNotFound
from hctap_core.notes import Note
from hctap_core.orders import RunOrder
from hctap_core.uploads import Upload
from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.deletions import is_deleted
from hctap_stores.database.orders import order_run
from hctap_stores.database.runs import find_run

# What became of the note stands in the ledger of its run.
_UPLOADS: Final = """
SELECT u.upload_no, u.note_id, u.media_type, u.bytes, u.sha256, u.characters, r.run_id, u.created_by, u.created_at,
    CASE WHEN r.status IS NULL OR r.status = 'queued' THEN 'uploaded'
        WHEN r.status IN ('failed', 'cancelled') OR l.state = 'quarantined' THEN 'failed'
        WHEN l.state IN ('done', 'duplicate', 'unchanged') AND r.status IN ('succeeded', 'partial') THEN 'completed'
        WHEN r.status IN ('succeeded', 'partial') THEN 'failed'
        ELSE 'processing' END AS state,
    coalesce(l.reason, CASE WHEN r.status IN ('failed', 'cancelled') THEN r.status END) AS reason
FROM uploads u LEFT JOIN runs r USING (run_no)
LEFT JOIN LATERAL (
    SELECT state, reason FROM run_notes WHERE run_no = u.run_no AND note_id = u.note_id ORDER BY state LIMIT 1) AS l
    ON true
"""


@dataclass(frozen=True, slots=True)
class Original:
    """What was uploaded, as it lies in the lake."""

    media_type: str
    bytes: int
    sha256: str
    object_key: str


def check_note_id(database: Database, note: Note) -> None:
    """See that no other note has the id.

    Raises:
        NoteConflict: If a note with another text has it, or one had it that was deleted.
    """
    with database.transaction() as connection:
        row = connection.execute("SELECT content_sha256 FROM notes WHERE note_id = %s", (note.note_id,)).fetchone()
        if is_deleted(connection, note.note_id):
            raise NoteConflict("A note of this id was deleted.", remedy="Give the note another id.")
    if row is not None and row[0] != note.content_sha256:
        raise NoteConflict("Another note has this id.", remedy="Give the note another id, or none.")


def enter_upload(database: Database, note: Note, original: Original, by: str, extractor: str | None) -> Upload:
    """Enter a note whose original and record lie in the lake, with the run that is to read it, if any is."""
    run_no = None if extractor is None else _run_for(database, extractor)
    with database.transaction() as connection:
        row = connection.execute(
            """
            INSERT INTO uploads (note_id, media_type, bytes, sha256, object_key, characters, run_no, created_by)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING upload_no
            """,
            (
                note.note_id,
                original.media_type,
                original.bytes,
                original.sha256,
                original.object_key,
                len(note.text),
                run_no,
                by,
            ),
        ).fetchone()
    return find_upload(database, int(row[0]) if row else 0)


def find_upload(database: Database, upload_no: int) -> Upload:
    """The upload of a number.

    Raises:
        NoteNotFound: If there is none.
    """
    found = _select(database, "WHERE u.upload_no = %s", (upload_no,))
    if not found:
        raise NoteNotFound("There is no such upload.", remedy="Its number stands in the answer to the upload.")
    return found[0]


def run_number_of(database: Database, upload: Upload) -> int | None:
    """The number of the run that reads an upload."""
    return None if upload.run_id is None else find_run(database, upload.run_id).run_no


def _run_for(database: Database, extractor: str) -> int:
    """A run that is ordered and not taken yet reads what is uploaded until then; else a new one is ordered."""
    with database.transaction() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"hctap-upload-{extractor}",))
        waiting = _waiting_run(connection, extractor)
        if waiting is not None:
            return waiting
        return order_run(database, RunOrder(extractor=extractor, incremental=True))[0].run_no


def _waiting_run(connection: Connection, extractor: str) -> int | None:
    row = connection.execute(
        """
        SELECT run_no FROM runs WHERE status = 'queued' AND pipeline_hash = '' AND is_incremental
            AND selection IS NULL AND pipeline->>'extractor' = %s ORDER BY run_no LIMIT 1
        """,
        (extractor,),
    ).fetchone()
    return int(row[0]) if row else None


def _select(database: Database, tail: str, values: Sequence[object]) -> list[Upload]:
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return [Upload.model_validate(row) for row in cursor.execute(f"{_UPLOADS} {tail}", values)]
