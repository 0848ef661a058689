"""What is left of deleted notes, and what the lake still holds of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hctap_core.deletions import Deletion, Tombstone
from hctap_core.errors import NoteNotFound, RunConflict
from hctap_core.runs import Part, RunCounts
from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.coverage import write_coverage
from hctap_stores.database.runs import count_notes
from hctap_stores.database.statistics import write_statistics

ERASE: Final = "erase_note"
_DELETION: Final = """
SELECT note_id, content_sha256, reason, CASE WHEN erased_at IS NULL THEN 'erasing' ELSE 'erased' END AS state,
    jsonb_array_length(runs) AS runs, deleted_by, deleted_at, erased_at
FROM deletions WHERE note_id = %s
"""
_TOMBSTONE: Final = """
SELECT note_id, content_sha256, reason, deleted_by, deleted_at, remains FROM deletions
"""
# Of deletions that were done before their places were kept, the ledgers know most.
_LEDGER_PLACES: Final = """
SELECT coalesce(json_agg(DISTINCT l.object_key) FILTER (WHERE l.pack_no IS NULL), '[]'),
    coalesce(json_agg(DISTINCT p.object_key) FILTER (WHERE p.object_key IS NOT NULL), '[]'),
    coalesce(json_agg(DISTINCT jsonb_build_array(r.run_id, l.object_key)), '[]')
FROM run_notes l JOIN runs r USING (run_no) LEFT JOIN lake_packs p USING (pack_no) WHERE l.note_id = %s
"""
_PLACES: Final = ("raw", "packs", "parts", "surrogates", "quarantine")


@dataclass(frozen=True, slots=True)
class Remains:
    """What the lake holds of a deleted note, by key; runs by number, oldest first, shards with their run's number.

    `surrogates` are pairs of sha256: of a raw text and of what was read in its place. `quarantine` are pairs of a run's
    id and the key under which the run knew the note.
    """

    raw: Sequence[str]
    packs: Sequence[str]
    runs: Sequence[int]
    shards: Sequence[tuple[int, int]]
    parts: Sequence[str]
    surrogates: Sequence[tuple[str, str]]
    quarantine: Sequence[tuple[str, str]]


def is_deleted(connection: Connection, note_id: str) -> bool:
    """Whether a note of this id was deleted."""
    return connection.execute("SELECT FROM deletions WHERE note_id = %s", (note_id,)).rowcount == 1


def deleted_ids(database: Database) -> frozenset[str]:
    """The ids of all deleted notes."""
    with database.transaction() as connection:
        return frozenset(str(note_id) for (note_id,) in connection.execute("SELECT note_id FROM deletions"))


def find_deletion(database: Database, note_id: str) -> Deletion:
    """What is left of a note.

    Raises:
        NoteNotFound: If no note of this id was deleted.
    """
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_DELETION, (note_id,)).fetchone()
    if row is None:
        raise NoteNotFound("No note of this id was deleted.")
    return Deletion.model_validate(row)


def find_remains(database: Database, note_id: str) -> Remains | None:
    """What the lake holds of a deleted note; None if nothing any more."""
    with database.transaction() as connection:
        row = connection.execute(
            "SELECT remains, runs FROM deletions WHERE note_id = %s AND erased_at IS NULL", (note_id,)
        ).fetchone()
    if row is None:
        return None
    known: dict[str, Any] = row[0]
    return Remains(
        raw=known["raw"],
        packs=known["packs"],
        runs=row[1],
        shards=[(run_no, shard) for run_no, shard in known["shards"]],
        parts=known["parts"],
        surrogates=[(raw, content) for raw, content in known["surrogates"]],
        quarantine=[(run_id, key) for run_id, key in known["quarantine"]],
    )


def end_deletion(database: Database, note_id: str) -> None:
    """Note that the lake holds nothing of it any more; where it lay stays known, for a lake out of a backup."""
    with database.transaction() as connection:
        connection.execute("UPDATE deletions SET erased_at = coalesce(erased_at, now()) WHERE note_id = %s", (note_id,))


def find_tombstone(database: Database, note_id: str) -> Tombstone:
    """What the lake is to keep of a deleted note.

    Raises:
        NoteNotFound: If no note of this id was deleted.
    """
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(f"{_TOMBSTONE} WHERE note_id = %s", (note_id,)).fetchone()
    if row is None:
        raise NoteNotFound("No note of this id was deleted.")
    return _tombstone_of(row)


def list_tombstones(database: Database, *, only_erased: bool = False) -> list[Tombstone]:
    """Those of all deleted notes by id, or of those that the lake is cleared of."""
    where = "WHERE erased_at IS NOT NULL" if only_erased else ""
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return [_tombstone_of(row) for row in cursor.execute(f"{_TOMBSTONE} {where} ORDER BY note_id")]


def keep_tombstone(database: Database, tombstone: Tombstone) -> None:
    """Write down a deletion of a note that this database does not know, so that its id is never let in again."""
    with database.transaction() as connection:
        connection.execute(
            """
            INSERT INTO deletions (note_id, content_sha256, reason, deleted_by, deleted_at)
            VALUES (%(note_id)s, %(content_sha256)s, %(reason)s, %(deleted_by)s, %(deleted_at)s) ON CONFLICT DO NOTHING
            """,
            tombstone.model_dump(),
        )


def recall(database: Database, tombstone: Tombstone) -> None:
    """Let a deletion be done again in the lake, at every place that database or tombstone know; it keeps its time."""
    note_id = tombstone.note_id
    with database.transaction() as connection:
        row = connection.execute("SELECT remains FROM deletions WHERE note_id = %s FOR UPDATE", (note_id,)).fetchone()
        known: dict[str, Any] = row[0] if row else {}
        raw, packs, quarantine = connection.execute(_LEDGER_PLACES, (note_id,)).fetchone() or ([], [], [])
        told = tombstone.model_dump(mode="json", include=set(_PLACES))
        ledger = {"raw": raw, "packs": packs, "quarantine": quarantine}
        places = {name: _merged(*(source.get(name, ()) for source in (known, told, ledger))) for name in _PLACES}
        connection.execute(
            """
            UPDATE deletions SET erased_at = NULL, deleted_at = %s, deleted_by = %s, remains = %s WHERE note_id = %s
            """,
            (
                tombstone.deleted_at,
                tombstone.deleted_by,
                Jsonb({"shards": known.get("shards", []), **places}),
                note_id,
            ),
        )


def _merged(*sources: Sequence[Any]) -> list[Any]:
    """All of them once, in order; pairs are lists in JSON."""
    return sorted({tuple(item) if isinstance(item, list) else item for source in sources for item in source})


def _tombstone_of(row: Mapping[str, Any]) -> Tombstone:
    said = {name: value for name, value in row.items() if name != "remains"}
    return Tombstone.model_validate(said | {name: row["remains"].get(name, ()) for name in _PLACES})


def find_part(database: Database, run_no: int, shard: int) -> Part | None:
    """The object that a done shard names."""
    with database.transaction() as connection:
        row = connection.execute(
            """
            SELECT object_key, sha256, rows, bytes FROM run_shards WHERE (run_no, shard) = (%s, %s) AND state = 'done'
            """,
            (run_no, shard),
        ).fetchone()
    return None if row is None else Part(key=row[0], sha256=row[1], rows=row[2], bytes=row[3])


def rename_part(database: Database, run_no: int, shard: int, part: Part) -> None:
    """Let a done shard name an object that was written anew."""
    with database.transaction() as connection:
        connection.execute(
            """
            UPDATE run_shards s SET object_key = %(key)s, sha256 = %(sha256)s, rows = %(rows)s, bytes = %(bytes)s,
                by_type = coalesce((
                    SELECT jsonb_object_agg(entity_type, entities) FROM (
                        SELECT entity_type, sum(entities)::bigint AS entities
                        FROM run_notes l JOIN found_counts c USING (run_no, note_no)
                        WHERE (l.run_no, l.shard) = (s.run_no, s.shard) GROUP BY 1) AS counted), '{}')
            WHERE (run_no, shard) = (%(run_no)s, %(shard)s) AND state = 'done'
            """,
            {"run_no": run_no, "shard": shard, **part.model_dump()},
        )


def count_again(database: Database, run_no: int, drift_threshold: float) -> None:
    """Count a finished run anew; its state and its times stay."""
    with database.transaction() as connection:
        counts: RunCounts = count_notes(connection, run_no)
        connection.execute(
            "UPDATE runs SET counts = %s WHERE run_no = %s", (Jsonb(counts.model_dump(mode="json")), run_no)
        )
        write_coverage(connection, run_no, drift_threshold)
        write_statistics(connection, run_no)


def completed_exports(database: Database, run_nos: Sequence[int]) -> list[tuple[int, str, str, list[str]]]:
    """The completed exports of runs: number, run id, form, names of files.

    Raises:
        RunConflict: If one is being written, since the note may be in it.
    """
    with database.transaction() as connection:
        rows = connection.execute(
            """
            SELECT e.export_no, r.run_id, e.form, ARRAY(SELECT jsonb_array_elements(e.files)->>'name')
            FROM exports e JOIN runs r USING (run_no) WHERE e.run_no = ANY(%s) AND e.state = 'completed'
            ORDER BY export_no
            """,
            (list(run_nos),),
        ).fetchall()
        busy = connection.execute(
            "SELECT FROM exports WHERE run_no = ANY(%s) AND state = 'running'", (list(run_nos),)
        ).rowcount
    if busy:
        raise RunConflict("An export of a run that had the note is being written.", remedy="Wait for its end.")
    return [(int(number), str(run_id), str(form), list(names)) for number, run_id, form, names in rows]


def fail_forgotten(database: Database, export_nos: Sequence[int]) -> None:
    """Note that the files of exports were erased, since a note of their run was deleted."""
    with database.transaction() as connection:
        connection.execute(
            """
            UPDATE exports SET state = 'failed', files = '[]', notes = NULL, entities = NULL,
                error = 'A note of the run was deleted; start the export again.'
            WHERE export_no = ANY(%s)
            """,
            (list(export_nos),),
        )
