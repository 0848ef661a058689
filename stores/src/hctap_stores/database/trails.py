"""The trail of an entity: what the ledger knows of the run, the note, the object and the import behind it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.rows import class_row

from hctap_stores.database.connection import Database

_TRAIL: Final = """
SELECT r.run_id, r.status, r.pipeline, r.pipeline_hash, r.started_at, r.finished_at,
    l.note_id, l.state, l.object_key, l.etag, l.bytes, p.object_key AS pack_key, p.etag AS pack_etag, l.pack_offset,
    l.content_sha256,
    coalesce(l.raw_sha256, l.content_sha256) AS raw_sha256, md5(t.text) AS checksum, t.text AS note_text,
    first.note_id AS duplicate_of, earlier.run_id AS carried_from,
    worked.shard, worked.attempt, s.object_key AS part_key, s.sha256 AS part_sha256,
    n.batch_id, b.source AS batch_source, b.source_name AS batch_name, b.finished_at AS imported_at,
    e.entity_type, e.text, e.norm_text, e.begin_offset AS begin, e.end_offset AS end, e.section, e.provenance
FROM runs r JOIN run_notes l USING (run_no) JOIN notes n ON n.note_no = l.note_no
JOIN note_texts t ON t.content_sha256 = l.content_sha256
LEFT JOIN lake_packs p ON p.pack_no = l.pack_no
LEFT JOIN run_notes first ON (first.run_no, first.object_key) = (l.run_no, l.duplicate_of)
JOIN run_notes worked ON (worked.run_no, worked.object_key) = (l.run_no, coalesce(l.duplicate_of, l.object_key))
LEFT JOIN run_shards s ON (s.run_no, s.shard) = (worked.run_no, worked.shard)
LEFT JOIN batches b ON b.batch_id = n.batch_id
LEFT JOIN runs earlier ON earlier.run_no = worked.results_of
JOIN found_entities e ON (e.run_no, e.note_no) = (r.run_no, worked.note_no) AND e.ordinal = %(ordinal)s
WHERE r.run_no = %(run_no)s AND l.note_id = %(note_id)s AND l.state IN ('done', 'duplicate', 'unchanged')
ORDER BY l.duplicate_of NULLS FIRST, l.object_key LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Trail:
    """An entity and all that it comes from; `note_text` is what the run read, `raw_sha256` that of the raw text."""

    run_id: str
    status: str
    pipeline: dict[str, Any]
    pipeline_hash: str
    started_at: datetime | None
    finished_at: datetime | None
    note_id: str
    state: str
    object_key: str
    etag: str
    bytes: int
    pack_key: str | None
    pack_etag: str | None
    pack_offset: int | None
    content_sha256: str
    raw_sha256: str
    checksum: str
    note_text: str
    duplicate_of: str | None
    carried_from: str | None
    shard: int | None
    attempt: int
    part_key: str | None
    part_sha256: str | None
    batch_id: str | None
    batch_source: str | None
    batch_name: str | None
    imported_at: datetime | None
    entity_type: str
    text: str
    norm_text: str
    begin: int
    end: int
    section: str
    provenance: dict[str, Any]


def find_trail(database: Database, run_no: int, note_id: str, ordinal: int) -> Trail | None:
    """The trail of a note's entity, counted from 0; None if the run has none such."""
    values = {"run_no": run_no, "note_id": note_id, "ordinal": ordinal}
    with database.transaction() as connection, connection.cursor(row_factory=class_row(Trail)) as cursor:
        return cursor.execute(_TRAIL, values).fetchone()
