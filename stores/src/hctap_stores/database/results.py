"""The work on a run: the notes of a shard out of the ledger, and what was found into the tables."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hctap_core.reasons import QuarantineReason
from hctap_core.runs import Part
from hctap_stores.database.connection import Connection, Database, copy_rows

ASSERTIONS: Final = ("negated", "uncertain", "historical", "hypothetical", "family")
_SPAN: Final = ("begin_offset", "end_offset")
_PLACE: Final = ("run_no", "note_no", "ordinal")
_ENTITY_COLUMNS: Final = (
    *_PLACE, "entity_type", "text", "norm_text", *_SPAN, "score", "section", *ASSERTIONS, "provenance",
)  # fmt: skip
_CODE_COLUMNS: Final = (*_PLACE, "rank", "system", "code", "display", "score", "release")
_ATTRIBUTE_COLUMNS: Final = (*_PLACE, "position", "type", "text", *_SPAN, "norm")
_SECTION_COLUMNS: Final = (*_PLACE, *_SPAN, "header", "type")
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class LedgerNote:
    """A note that a run has to work on."""

    object_key: str
    note_no: int
    note_id: str
    text: str


@dataclass(frozen=True, slots=True)
class NoteResult:
    """What was found in a note, as records of the contract; or the class of the error that prevented it."""

    note: LedgerNote
    entities: Sequence[Mapping[str, Any]]
    sections: Sequence[Mapping[str, Any]]
    duration_us: int
    failure: str | None = None


def pending_shards(database: Database, run_no: int) -> list[int]:
    """The shards that are not done, in order."""
    with database.transaction() as connection:
        rows = connection.execute(
            "SELECT shard FROM run_shards WHERE run_no = %s AND state = 'pending' ORDER BY shard",
            (run_no,),
        )
        return [shard for (shard,) in rows]


def count_pending(database: Database, run_no: int) -> int:
    """How many notes the run has still to work on."""
    with database.transaction() as connection:
        row = connection.execute(
            "SELECT count(*) FROM run_notes WHERE run_no = %s AND state = 'pending'",
            (run_no,),
        ).fetchone()
    return int(row[0]) if row else 0


def begin_shard(database: Database, run_no: int, shard: int) -> list[LedgerNote]:
    """Count one more attempt on the shard and give its notes, in the order of their keys."""
    with database.transaction() as connection:
        where = "WHERE run_no = %s AND shard = %s"
        connection.execute(f"UPDATE run_shards SET attempt = attempt + 1 {where}", (run_no, shard))  # noqa: S608 - constants
        rows = connection.execute(
            """
            SELECT object_key, note_no, note_id, text FROM run_notes JOIN note_texts USING (content_sha256)
            WHERE run_no = %s AND shard = %s AND state = 'pending' ORDER BY object_key
            """,
            (run_no, shard),
        )
        return [LedgerNote(*row) for row in rows]


def commit_shard(
    database: Database,
    run_no: int,
    shard: int,
    part: Part,
    results: Sequence[NoteResult],
    begun_ns: int,
) -> bool:
    """Make a shard's results visible, in one transaction: the commit point.

    `begun_ns` is when the work on the shard began, by `time.monotonic_ns`.

    Returns:
        False if another process has done the shard meanwhile; then nothing is written.
    """
    with database.transaction() as connection:
        mine = connection.execute(
            "SELECT FROM run_shards WHERE run_no = %s AND shard = %s AND state = 'pending' FOR UPDATE",
            (run_no, shard),
        )
        if mine.rowcount != 1:
            return False
        _write_ledger(connection, run_no, results)
        _copy_results(connection, run_no, results)
        connection.execute(
            """
            UPDATE run_shards SET state = 'done', object_key = %s, sha256 = %s, rows = %s, bytes = %s,
                duration_us = %s, finished_at = clock_timestamp()
            WHERE run_no = %s AND shard = %s
            """,
            (part.key, part.sha256, part.rows, part.bytes, (time.monotonic_ns() - begun_ns) // 1000, run_no, shard),
        )
    return True


def _write_ledger(connection: Connection, run_no: int, results: Sequence[NoteResult]) -> None:
    connection.execute(
        """
        UPDATE run_notes SET state = CASE WHEN r.failure IS NULL THEN 'done' ELSE 'quarantined' END,
            reason = CASE WHEN r.failure IS NULL THEN NULL ELSE %s END, detail = r.failure,
            attempt = attempt + 1, entity_count = r.entity_count, duration_us = r.duration_us
        FROM unnest(%s::text[], %s::text[], %s::integer[], %s::bigint[])
            AS r (object_key, failure, entity_count, duration_us)
        WHERE run_notes.run_no = %s AND run_notes.object_key = r.object_key
        """,
        (
            QuarantineReason.EXTRACTION_FAILED,
            [result.note.object_key for result in results],
            [result.failure for result in results],
            [len(result.entities) for result in results],
            [result.duration_us for result in results],
            run_no,
        ),
    )
    if failed := [result.note.object_key for result in results if result.failure is not None]:
        # The same text fails for every note that has it.
        connection.execute(
            """
            UPDATE run_notes n SET state = 'quarantined', reason = first.reason, detail = first.detail
            FROM run_notes first
            WHERE n.run_no = %s AND n.duplicate_of = ANY(%s)
                AND first.run_no = n.run_no AND first.object_key = n.duplicate_of
            """,
            (run_no, failed),
        )


def _copy_results(connection: Connection, run_no: int, results: Sequence[NoteResult]) -> None:
    copy_rows(connection, "entities", _ENTITY_COLUMNS, _entity_rows(run_no, results))
    copy_rows(connection, "entity_codes", _CODE_COLUMNS, _code_rows(run_no, results))
    copy_rows(connection, "entity_attributes", _ATTRIBUTE_COLUMNS, _attribute_rows(run_no, results))
    copy_rows(connection, "run_sections", _SECTION_COLUMNS, _section_rows(run_no, results))


def _entity_rows(run_no: int, results: Sequence[NoteResult]) -> Iterator[tuple[object, ...]]:
    for note_no, ordinal, entity in _numbered(results):
        assertion = entity["assertion"]
        yield (
            run_no,
            note_no,
            ordinal,
            entity["entity_type"],
            entity["text"],
            entity["norm_text"],
            entity["begin"],
            entity["end"],
            entity["score"],
            entity["section"],
            *(assertion[name] for name in ASSERTIONS),
            _ENCODE(entity["provenance"]),
        )


def _code_rows(run_no: int, results: Sequence[NoteResult]) -> Iterator[tuple[object, ...]]:
    for note_no, ordinal, entity in _numbered(results):
        for rank, code in enumerate(entity["codes"]):
            values = (code["system"], code["code"], code["display"], code["score"], code["release"])
            yield (run_no, note_no, ordinal, rank, *values)


def _attribute_rows(run_no: int, results: Sequence[NoteResult]) -> Iterator[tuple[object, ...]]:
    for note_no, ordinal, entity in _numbered(results):
        for position, part in enumerate(entity["attributes"]):
            values = (part["type"], part["text"], part["begin"], part["end"], part["norm"])
            yield (run_no, note_no, ordinal, position, *values)


def _section_rows(run_no: int, results: Sequence[NoteResult]) -> Iterator[tuple[object, ...]]:
    for result in results:
        for ordinal, section in enumerate(result.sections):
            values = (section["begin"], section["end"], section["header"], section["type"])
            yield (run_no, result.note.note_no, ordinal, *values)


def _numbered(results: Sequence[NoteResult]) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    for result in results:
        for ordinal, entity in enumerate(result.entities):
            yield result.note.note_no, ordinal, entity
