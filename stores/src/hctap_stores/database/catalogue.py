"""The catalogue: what each object of the raw bucket held when it was last read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hctap_core.notes import Note
from hctap_core.reasons import QuarantineReason
from hctap_stores.database.connection import Connection, Database, copy_rows
from hctap_stores.listing import ListedObject

CATALOGUE_LOCK: Final = "hctap-catalogue"
COLUMNS: Final = (
    "object_key", "etag", "bytes", "is_own_key", "note_id", "content_sha256", "note", "batch_id", "reason", "detail",
    "pack_no", "pack_offset", "own_key",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CataloguedObject:
    """What an object held: a note, or the reason why it is none.

    `is_own_key` says that the key is the one that an import gives this note id; `batch_id` names that import. A record
    of a pack has its place there in `pack_offset`, and in `own_key` the key that its note would have alone.
    """

    key: str
    etag: str
    bytes: int
    is_own_key: bool = False
    note: Note | None = None
    batch_id: str | None = None
    note_id: str | None = None
    reason: QuarantineReason | None = None
    detail: str | None = None
    pack_offset: int | None = None
    own_key: str | None = None


def compare_listing(database: Database, listing: Iterable[ListedObject]) -> list[ListedObject]:
    """The objects of a listing that are new or have changed, by key; objects no longer listed are forgotten."""
    with database.transaction() as connection:
        connection.execute(
            'CREATE TEMP TABLE listed (object_key text COLLATE "C", etag text, bytes bigint) ON COMMIT DROP',
        )
        rows = ((item.key, item.etag, item.bytes) for item in listing)
        copy_rows(connection, "listed", ("object_key", "etag", "bytes"), rows)
        connection.execute("CREATE UNIQUE INDEX ON listed (object_key)")
        connection.execute("ANALYZE listed")
        connection.execute(
            """
            DELETE FROM lake_objects o
            WHERE pack_no IS NULL AND NOT EXISTS (SELECT FROM listed l WHERE l.object_key = o.object_key)
            """,
        )
        changed = connection.execute(
            """
            SELECT l.object_key, l.etag, l.bytes FROM listed l LEFT JOIN lake_objects o USING (object_key)
            WHERE o.object_key IS NULL OR o.etag <> l.etag OR o.bytes <> l.bytes
            ORDER BY l.object_key
            """,
        ).fetchall()
    return [ListedObject(key, etag, size) for key, etag, size in changed]


def record(database: Database, found: Sequence[CataloguedObject]) -> None:
    """Write down what objects held, in one transaction; a note that was deleted is written down as refused."""
    with database.transaction() as connection:
        found = without_deleted(connection, found)
        open_texts(connection)
        add_texts(connection, found)
        keep_texts(connection)
        connection.execute("CREATE TEMP TABLE found (LIKE lake_objects INCLUDING DEFAULTS) ON COMMIT DROP")
        copy_rows(connection, "found", COLUMNS, rows_of(found))
        connection.execute(
            """
            INSERT INTO lake_objects SELECT * FROM found ORDER BY object_key
            ON CONFLICT (object_key) DO UPDATE SET
                etag = excluded.etag, bytes = excluded.bytes, is_own_key = excluded.is_own_key,
                note_id = excluded.note_id, content_sha256 = excluded.content_sha256, note = excluded.note,
                batch_id = excluded.batch_id, reason = excluded.reason, detail = excluded.detail,
                seen_at = excluded.seen_at
            """,
        )


def count(database: Database) -> int:
    """How many objects the catalogue knows."""
    with database.transaction() as connection:
        row = connection.execute("SELECT count(*) FROM lake_objects").fetchone()
    return int(row[0]) if row else 0


def without_deleted(connection: Connection, found: Sequence[CataloguedObject]) -> list[CataloguedObject]:
    """What was found, with the reason for quarantine in the place of each record of a note that was deleted."""
    ids = [note_id for item in found if (note_id := _id_of(item)) is not None]
    rows = connection.execute("SELECT note_id FROM deletions WHERE note_id = ANY(%s)", (ids,))
    deleted = {str(note_id) for (note_id,) in rows}
    return [
        replace(
            item,
            note=None,
            note_id=_id_of(item),
            batch_id=None,
            reason=QuarantineReason.DELETED,
            detail="a note of this id was deleted",
        )
        if _id_of(item) in deleted
        else item
        for item in found
    ]


def _id_of(item: CataloguedObject) -> str | None:
    return item.note.note_id if item.note else item.note_id


def open_texts(connection: Connection) -> None:
    """Make room for the texts of notes, as long as the transaction lasts."""
    connection.execute("CREATE TEMP TABLE texts (LIKE note_texts) ON COMMIT DROP")


def add_texts(connection: Connection, found: Sequence[CataloguedObject]) -> None:
    """Lay the texts of notes there."""
    texts = {item.note.content_sha256: item.note.text for item in found if item.note}
    rows = ((sha256, text, len(text)) for sha256, text in texts.items())
    copy_rows(connection, "texts", ("content_sha256", "text", "characters"), rows)


def keep_texts(connection: Connection) -> None:
    """Keep the texts that were laid there, those that no note had before."""
    # In one order, so that two processes that write the same texts cannot wait for each other.
    connection.execute("INSERT INTO note_texts SELECT * FROM texts ORDER BY content_sha256 ON CONFLICT DO NOTHING")


def rows_of(found: Sequence[CataloguedObject], pack_no: int | None = None) -> Iterator[tuple[object, ...]]:
    """The rows of what objects held, or of the records of a pack."""
    for item in found:
        note = item.note
        fields = note.model_dump_json(exclude={"text"}) if note else None
        yield (
            item.key,
            item.etag,
            item.bytes,
            item.is_own_key,
            note.note_id if note else item.note_id,
            note.content_sha256 if note else None,
            fields,
            item.batch_id,
            item.reason,
            item.detail,
            pack_no,
            item.pack_offset,
            item.own_key,
        )
