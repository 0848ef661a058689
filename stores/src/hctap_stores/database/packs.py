"""The packs of the lake: which of them are known, and what their records held."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hctap_stores.database.catalogue import (
    COLUMNS,
    CataloguedObject,
    add_texts,
    keep_texts,
    open_texts,
    rows_of,
    without_deleted,
)
from hctap_stores.database.connection import Database, copy_rows
from hctap_stores.listing import ListedObject


@dataclass(frozen=True, slots=True)
class PackedNote:
    """The last record that packs have of a note: the md5 of its bytes, the sha256 of its text, the key of the pack."""

    md5: bytes
    content_sha256: bytes
    pack: str


def compare_packs(database: Database, listing: Iterable[ListedObject]) -> list[ListedObject]:
    """The packs of a listing that are new, have changed or were not read whole, by key; the others are forgotten."""
    with database.transaction() as connection:
        connection.execute(
            'CREATE TEMP TABLE listed (object_key text COLLATE "C", etag text, bytes bigint) ON COMMIT DROP',
        )
        rows = ((item.key, item.etag, item.bytes) for item in listing)
        copy_rows(connection, "listed", ("object_key", "etag", "bytes"), rows)
        connection.execute(
            """
            DELETE FROM lake_objects o USING lake_packs p WHERE p.pack_no = o.pack_no
                AND NOT EXISTS (SELECT FROM listed l WHERE (l.object_key, l.etag) = (p.object_key, p.etag))
            """,
        )
        changed = connection.execute(
            """
            SELECT l.object_key, l.etag, l.bytes FROM listed l WHERE NOT EXISTS (
                SELECT FROM lake_packs p WHERE (p.object_key, p.etag) = (l.object_key, l.etag)
                    AND p.records = (SELECT count(*) FROM lake_objects o WHERE o.pack_no = p.pack_no))
            ORDER BY l.object_key
            """,
        ).fetchall()
    return [ListedObject(key, etag, size) for key, etag, size in changed]


def record_pack(database: Database, pack: ListedObject, batches: Iterable[Sequence[CataloguedObject]]) -> None:
    """Write down what the records of a pack held, in one transaction, in the place of what was known of it.

    They come in batches, so that the next ones are read while the database takes these.
    """
    with database.transaction() as connection:
        row = connection.execute(
            """
            INSERT INTO lake_packs (object_key, etag, bytes, records) VALUES (%s, %s, %s, 0)
            ON CONFLICT (object_key, etag) DO UPDATE SET records = 0 RETURNING pack_no
            """,
            (pack.key, pack.etag, pack.bytes),
        ).fetchone()
        pack_no = row[0] if row else None
        connection.execute(
            "DELETE FROM lake_objects o USING lake_packs p WHERE p.pack_no = o.pack_no AND p.object_key = %s",
            (pack.key,),
        )
        open_texts(connection)
        records = 0
        for batch in batches:
            found = without_deleted(connection, batch)
            add_texts(connection, found)
            copy_rows(connection, "lake_objects", COLUMNS, rows_of(found, pack_no))
            records += len(found)
        keep_texts(connection)
        connection.execute("UPDATE lake_packs SET records = %s WHERE pack_no = %s", (records, pack_no))


def packed_notes(database: Database) -> Iterator[tuple[str, PackedNote]]:
    """The notes that packs hold, by id."""
    with database.transaction() as connection, connection.cursor("packed") as cursor:
        cursor.itersize = 5000
        cursor.execute(
            """
            SELECT DISTINCT ON (note_id) note_id, o.etag, content_sha256, p.object_key
            FROM lake_objects o JOIN lake_packs p USING (pack_no)
            WHERE reason IS NULL ORDER BY note_id, o.object_key DESC
            """
        )
        for note_id, md5, sha256, pack in cursor:
            # Many notes, few packs: each key once.
            yield note_id, PackedNote(bytes.fromhex(md5), bytes.fromhex(sha256), sys.intern(pack))
