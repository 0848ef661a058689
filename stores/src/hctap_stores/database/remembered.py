"""What the database remembers of the lake: every object that it knows of, and what some of them held."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg.rows import dict_row

from hctap_core.notes import Note
from hctap_core.runs import Part
from hctap_stores.database.batches import Batch
from hctap_stores.database.connection import Database

# A carried shard is named by the run that made it; only that run's rows hold what stands in it.
_PARTS: Final = """
SELECT s.run_no, r.run_id, s.shard, s.object_key, s.sha256, s.rows, s.bytes FROM run_shards s JOIN runs r USING (run_no)
WHERE s.state = 'done' AND starts_with(s.object_key, 'entities/run=' || r.run_id || '/') ORDER BY s.run_no, s.shard
"""


@dataclass(frozen=True, slots=True)
class RememberedObject:
    """An object of the raw bucket: `is_note` says that the database could write it again."""

    key: str
    is_note: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class RememberedPack:
    """A pack of the raw bucket: `is_all_notes` says that each of its records is a note."""

    key: str
    etag: str
    is_all_notes: bool
    batch_id: str | None


@dataclass(frozen=True, slots=True)
class RememberedPart:
    """An object with the entities of a shard, and whose it is."""

    run_no: int
    run_id: str
    shard: int
    part: Part


@dataclass(frozen=True, slots=True)
class RememberedNote:
    """A note of the raw bucket, under the key that it had, and the import that brought it."""

    key: str
    note: Note
    batch_id: str | None


def list_objects(database: Database) -> list[RememberedObject]:
    """All objects of the raw bucket that the catalogue knows, by key."""
    with database.transaction() as connection:
        rows = connection.execute(
            "SELECT object_key, note IS NOT NULL, reason FROM lake_objects WHERE pack_no IS NULL ORDER BY object_key"
        )
        return [RememberedObject(*row) for row in rows]


def list_packs(database: Database) -> list[RememberedPack]:
    """All packs of the raw bucket that the catalogue knows, by key."""
    with database.transaction() as connection:
        rows = connection.execute(
            """
            SELECT p.object_key, p.etag, bool_and(o.note IS NOT NULL), max(o.batch_id)
            FROM lake_packs p JOIN lake_objects o USING (pack_no) GROUP BY p.pack_no ORDER BY p.object_key
            """
        )
        return [RememberedPack(*row) for row in rows]


def read_pack(database: Database, key: str) -> Iterator[Note]:
    """The notes of a pack, in their order there."""
    with database.transaction() as connection, connection.cursor("pack") as cursor:
        cursor.itersize = 500
        cursor.execute(
            """
            SELECT note, text FROM lake_packs p JOIN lake_objects o USING (pack_no)
            JOIN note_texts t ON t.content_sha256 = o.content_sha256
            WHERE p.object_key = %s ORDER BY pack_offset
            """,
            (key,),
        )
        for fields, text in cursor:
            yield Note.model_validate(fields | {"text": text})


def read_notes(database: Database, keys: Sequence[str]) -> list[RememberedNote]:
    """The notes that some objects of the raw bucket held, by key."""
    with database.transaction() as connection:
        rows = connection.execute(
            """
            SELECT object_key, note, text, batch_id FROM lake_objects JOIN note_texts USING (content_sha256)
            WHERE object_key = ANY(%s) AND note IS NOT NULL ORDER BY object_key
            """,
            (list(keys),),
        )
        return [
            RememberedNote(key, Note.model_validate(fields | {"text": text}), batch)
            for key, fields, text, batch in rows
        ]


def list_batches(database: Database) -> list[Batch]:
    """All imports, the oldest first."""
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            """
            SELECT batch_id, source, source_name, started_at, finished_at, counts FROM batches
            ORDER BY started_at, batch_id
            """
        )
        return [Batch(**row) for row in rows]


def list_all_parts(database: Database) -> list[RememberedPart]:
    """The objects with entities of all runs, each once."""
    with database.transaction() as connection:
        rows = connection.execute(_PARTS)
        return [
            RememberedPart(run_no, run_id, shard, Part(key=key, sha256=sha256, rows=count, bytes=size))
            for run_no, run_id, shard, key, sha256, count, size in rows
        ]


def notes_of_shard(database: Database, run_no: int, shard: int) -> list[str]:
    """The ids of the notes whose entities stand in a shard's object, in their order there."""
    with database.transaction() as connection:
        rows = connection.execute(
            """
            SELECT note_id FROM run_notes WHERE run_no = %s AND shard = %s AND state IN ('done', 'unchanged')
            ORDER BY object_key
            """,
            (run_no, shard),
        )
        return [str(note_id) for (note_id,) in rows]


def published_runs(database: Database) -> Iterator[str]:
    """The ids of the runs whose manifest was written, in the order in which they finished."""
    with database.transaction() as connection:
        rows: list[tuple[Any, ...]] = connection.execute(
            """
            SELECT run_id FROM runs WHERE published_at IS NOT NULL AND status IN ('succeeded', 'partial')
            ORDER BY finished_at, run_no
            """
        ).fetchall()
    return (str(run_id) for (run_id,) in rows)


def surrogates_of(database: Database) -> list[tuple[str, str]]:
    """Of each text that was read as a surrogate: the sha256 of the raw text and of what stood in its place."""
    with database.transaction() as connection:
        rows = connection.execute(
            "SELECT DISTINCT raw_sha256, content_sha256 FROM run_notes WHERE raw_sha256 IS NOT NULL ORDER BY 1, 2"
        )
        return [(str(raw), str(content)) for raw, content in rows]
