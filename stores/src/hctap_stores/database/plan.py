"""The plan of a run: which object stands for which note, which note for which text, and how the work is cut.

It is made inside the database, in one transaction, from the catalogue: memory does not grow with the lake.
"""

from collections.abc import Callable
from typing import Final

from hctap_core.reasons import QuarantineReason
from hctap_stores.database.connection import Connection, Database

# A shard is what one crash can cost and one transaction holds: about 64 a run, between 256 KiB and 1 MiB of notes.
# What is found in notes is 25 times as large as they are, and lies in memory a few times over while it is on its way.
SHARDS: Final = 64
MIN_SHARD_BYTES: Final = 256 * 1024
MAX_SHARD_BYTES: Final = 1024 * 1024
# Where there are this many shards before them, the last ones are cut into pieces: who has no shard left waits for less.
LEAST_SHARDS: Final = 6
LAST_SHARDS: Final = 2
LAST_PIECES: Final = 4

# Where objects share a note id, the one under the id's own key stands for the note, else the first by key. Another
# object with that text is a duplicate, one with other text is quarantined. Of the notes that share a text, the first
# by key is extracted for all. Of the records that packs have of a note, only the last counts. It has the key in the
# ledger that its note would have alone, so that packed or not the same notes are cut into the same shards.
_SUPERSEDED: Final = """EXISTS (
    SELECT FROM lake_objects later WHERE later.note_id = o.note_id AND later.object_key > o.object_key
        AND o.pack_no IS NOT NULL AND later.pack_no IS NOT NULL AND o.reason IS NULL AND later.reason IS NULL)
"""
# What a note says of itself stays in the catalogue, so that what is sorted here fits into memory.
_CHOOSE: Final = f"""
CREATE TEMP TABLE chosen ON COMMIT DROP AS
WITH owned AS (
    SELECT o.object_key, o.own_key, o.etag, o.bytes, o.note_id, o.content_sha256, o.pack_no, o.pack_offset,
        first_value(o.object_key) OVER same_id AS owner_place,
        first_value(o.content_sha256) OVER same_id AS owner_sha256
    FROM lake_objects o WHERE o.reason IS NULL AND NOT {_SUPERSEDED}
    WINDOW same_id AS (PARTITION BY o.note_id ORDER BY o.is_own_key DESC, o.object_key)
), named AS (
    SELECT CASE WHEN o.object_key = o.owner_place AND o.own_key IS NOT NULL AND p.object_key IS NULL
        THEN o.own_key ELSE o.object_key END AS object_key,
        o.object_key AS place, o.object_key = o.owner_place AS is_owner,
        o.etag, o.bytes, o.note_id, o.content_sha256, o.pack_no, o.pack_offset
    FROM owned o LEFT JOIN lake_objects p ON p.object_key = o.own_key WHERE o.content_sha256 = o.owner_sha256
), grouped AS (
    SELECT named.*, first_value(object_key) OVER (PARTITION BY content_sha256 ORDER BY object_key) AS first_key
    FROM named
)
SELECT grouped.*, object_key = first_key AS is_first FROM grouped
"""  # noqa: S608 - constants

# Only what is new or has changed is written: a conflict alone would lock each row, and write that down.
_WRITE_NOTES: Final = """
INSERT INTO notes (
    note_id, specialty, checksum, content_sha256, patient_id, encounter_id, note_type, authored_at, source, language,
    data_class, batch_id, schema_version
)
SELECT said.* FROM (
    SELECT c.note_id, note->>'specialty' AS specialty, note->>'checksum' AS checksum, c.content_sha256,
        note->>'patient_id' AS patient_id, note->>'encounter_id' AS encounter_id, note->>'note_type' AS note_type,
        (note->>'authored_at')::timestamptz AS authored_at, note->>'source' AS source, note->>'language' AS language,
        note->>'data_class' AS data_class, o.batch_id, (note->>'schema_version')::integer AS schema_version
    FROM chosen c JOIN lake_objects o ON o.object_key = c.place WHERE c.is_owner
) AS said LEFT JOIN notes n USING (note_id)
WHERE (n.specialty, n.content_sha256, n.patient_id, n.encounter_id, n.note_type, n.authored_at, n.source, n.language,
       n.data_class, n.batch_id, n.schema_version)
    IS DISTINCT FROM
      (said.specialty, said.content_sha256, said.patient_id, said.encounter_id, said.note_type, said.authored_at,
       said.source, said.language, said.data_class, said.batch_id, said.schema_version)
ORDER BY said.note_id
ON CONFLICT (note_id) DO UPDATE SET
    specialty = excluded.specialty, checksum = excluded.checksum, content_sha256 = excluded.content_sha256,
    patient_id = excluded.patient_id, encounter_id = excluded.encounter_id, note_type = excluded.note_type,
    authored_at = excluded.authored_at, source = excluded.source, language = excluded.language,
    data_class = excluded.data_class, batch_id = excluded.batch_id, schema_version = excluded.schema_version,
    updated_at = now()
"""

# A run over some of the notes forgets the others; of the notes that share a text, the first of those left stands for
# it. An object that is no note has no specialty, so such a run does not answer for it.
_SELECT: Final = """
WITH asked AS (SELECT selection FROM runs WHERE run_no = %(run_no)s AND selection IS NOT NULL)
DELETE FROM chosen WHERE EXISTS (SELECT FROM asked) AND object_key NOT IN (
    SELECT c.object_key FROM chosen c JOIN lake_objects o ON o.object_key = c.place
    WHERE coalesce((SELECT selection->'specialties' FROM asked) ? (o.note->>'specialty'), true)
    ORDER BY c.object_key LIMIT (SELECT (selection->>'limit')::bigint FROM asked))
"""
_CHOOSE_AGAIN: Final = """
UPDATE chosen c SET first_key = f.first_key, is_first = f.first_key = c.object_key FROM (
    SELECT object_key, first_value(object_key) OVER (PARTITION BY content_sha256 ORDER BY object_key) AS first_key
    FROM chosen) AS f
WHERE EXISTS (SELECT FROM runs WHERE run_no = %(run_no)s AND selection IS NOT NULL)
    AND f.object_key = c.object_key AND f.first_key <> c.first_key
"""
# An incremental run leans on the last finished one of its pipeline: what stood for a text there and is unchanged keeps
# its results and its shard. The results may be older still, where that run carried them over itself.
_CHOOSE_BASE: Final = """
UPDATE runs r SET base_run_no = (
    SELECT b.run_no FROM runs b
    WHERE b.pipeline_hash = r.pipeline_hash
        AND b.selection IS NOT DISTINCT FROM r.selection
        AND b.status IN ('succeeded', 'partial') AND b.published_at IS NOT NULL
    ORDER BY b.finished_at DESC, b.run_no DESC LIMIT 1)
WHERE r.run_no = %(run_no)s AND r.is_incremental RETURNING base_run_no
"""

_CARRY: Final = """
CREATE TEMP TABLE carried ON COMMIT DROP AS
SELECT c.object_key, b.shard, b.entity_count, coalesce(b.results_of, b.run_no) AS results_of, b.content_sha256,
    b.raw_sha256, b.measures
FROM run_notes b JOIN chosen c ON (c.object_key, c.note_id, c.content_sha256)
    = (b.object_key, b.note_id, coalesce(b.raw_sha256, b.content_sha256))
WHERE b.run_no = %(base_no)s::integer AND b.state IN ('done', 'unchanged') AND c.is_first
"""

_CUT_SHARDS: Final = """
CREATE TEMP TABLE cut ON COMMIT DROP AS
WITH size AS (
    SELECT least(greatest(sum(bytes) / %(shards)s, %(min_bytes)s), %(max_bytes)s) AS target
    FROM chosen WHERE is_first
), begun AS (
    SELECT object_key, target, sum(bytes) OVER (ORDER BY object_key) - bytes AS begin,
        sum(bytes) OVER () - %(last_shards)s * target AS last
    FROM chosen, size WHERE is_first AND NOT EXISTS (
        SELECT FROM carried WHERE carried.object_key = chosen.object_key)
), placed AS (
    SELECT object_key, CASE WHEN begin < last OR last < %(least_shards)s * target THEN div(begin, target)
        ELSE div(last, target) + 1 + div((begin - last) * %(last_pieces)s, target) END AS place
    FROM begun
)
SELECT object_key, (dense_rank() OVER (ORDER BY place) - 1 + coalesce((SELECT max(shard) + 1 FROM carried), 0))::integer
    AS shard FROM placed
"""

_WRITE_LEDGER: Final = """
INSERT INTO run_notes (
    run_no, object_key, etag, bytes, note_no, note_id, content_sha256, state, duplicate_of, shard, characters,
    entity_count, results_of, raw_sha256, measures, pack_no, pack_offset
)
SELECT %(run_no)s, c.object_key, c.etag, c.bytes, n.note_no, c.note_id,
    coalesce(kept.content_sha256, c.content_sha256),
    CASE WHEN NOT c.is_first THEN 'duplicate' WHEN cut.shard IS NULL THEN 'unchanged' ELSE 'pending' END,
    CASE WHEN NOT c.is_first THEN c.first_key END,
    CASE WHEN c.is_first THEN coalesce(cut.shard, kept.shard) END, t.characters,
    CASE WHEN c.is_first THEN coalesce(kept.entity_count, 0) ELSE 0 END,
    CASE WHEN c.is_first THEN kept.results_of END, kept.raw_sha256,
    CASE WHEN c.is_first THEN kept.measures END, c.pack_no, c.pack_offset
FROM chosen c JOIN notes n USING (note_id) JOIN note_texts t ON t.content_sha256 = c.content_sha256
LEFT JOIN cut USING (object_key) LEFT JOIN carried kept ON kept.object_key = c.first_key
ORDER BY c.object_key
"""

_WRITE_QUARANTINE: Final = f"""
INSERT INTO run_notes (
    run_no, object_key, etag, bytes, note_id, content_sha256, state, reason, detail, pack_no, pack_offset
)
SELECT %(run_no)s, o.object_key, o.etag, o.bytes, o.note_id, o.content_sha256, 'quarantined',
    coalesce(o.reason, %(duplicate_id)s), coalesce(o.detail, 'another object stands for this note_id'),
    o.pack_no, o.pack_offset
FROM lake_objects o WHERE NOT EXISTS (SELECT FROM chosen c WHERE c.place = o.object_key) AND NOT {_SUPERSEDED}
    AND NOT EXISTS (SELECT FROM runs r WHERE r.run_no = %(run_no)s AND r.selection IS NOT NULL)
"""  # noqa: S608 - constants

_WRITE_SHARDS: Final = """
INSERT INTO run_shards (run_no, shard, state) SELECT DISTINCT %(run_no)s::integer, shard, 'pending' FROM cut
"""

# A shard that lost none of its notes keeps its object; the object of another one is written anew, without those.
_CARRY_SHARDS: Final = """
INSERT INTO run_shards (run_no, shard, state, object_key, sha256, rows, bytes, by_type, duration_us, finished_at)
SELECT %(run_no)s, shard, CASE WHEN whole THEN 'done' ELSE 'pending' END,
    CASE WHEN whole THEN object_key END, CASE WHEN whole THEN sha256 END, CASE WHEN whole THEN rows END,
    CASE WHEN whole THEN bytes END, CASE WHEN whole THEN by_type ELSE '{}' END, 0, now()
FROM (
    SELECT s.*, kept.notes = earlier.notes AS whole FROM run_shards s
    JOIN (SELECT shard, count(*) AS notes FROM carried GROUP BY shard) AS kept USING (shard)
    JOIN (SELECT shard, count(*) AS notes FROM run_notes
        WHERE run_no = %(base_no)s::integer AND state IN ('done', 'unchanged') GROUP BY shard) AS earlier USING (shard)
    WHERE s.run_no = %(base_no)s::integer
) AS compared
"""

# Nobody has statistics of tables that are made in the transaction, nor of a run that has just begun: without an index a
# join that is expected to find one row may compare all with all.
_INDEX: Final = "CREATE UNIQUE INDEX ON {} (object_key)"
_BEFORE: Final = (
    _CHOOSE,
    _INDEX.format("chosen"),
    _WRITE_NOTES,
    _SELECT,
    _CHOOSE_AGAIN,
)
_AFTER: Final = (
    _CARRY,
    _INDEX.format("carried"),
    _CUT_SHARDS,
    _INDEX.format("cut"),
    _WRITE_LEDGER,
    _WRITE_QUARANTINE,
    _WRITE_SHARDS,
    _CARRY_SHARDS,
)


def write_plan(database: Database, run_no: int, then: Callable[[Connection, int], None] | None = None) -> None:
    """Answer for every object of the catalogue in the run's ledger and start the run, in one transaction.

    `then` is what belongs into the same transaction. A run that is not queued any more is left as it is.
    """
    values = {
        "run_no": run_no,
        "shards": SHARDS,
        "min_bytes": MIN_SHARD_BYTES,
        "max_bytes": MAX_SHARD_BYTES,
        "last_shards": LAST_SHARDS,
        "last_pieces": LAST_PIECES,
        "least_shards": LEAST_SHARDS,
        "duplicate_id": QuarantineReason.DUPLICATE_ID,
    }
    with database.transaction() as connection:
        queued = connection.execute("SELECT FROM runs WHERE run_no = %s AND status = 'queued' FOR UPDATE", (run_no,))
        if queued.rowcount != 1:
            return
        for statement in _BEFORE:
            _execute(connection, statement, values)
        # As a number, since the planner expects nothing sound of a column that was written just now.
        base = connection.execute(_CHOOSE_BASE, values).fetchone()
        values["base_no"] = base[0] if base else None
        for statement in _AFTER:
            _execute(connection, statement, values)
        if connection.execute("SELECT FROM cut LIMIT 1").rowcount:
            # Of a run that no statistics know the planner expects one row, and reads all its ledger for each shard.
            connection.execute("ANALYZE run_notes (run_no, shard)")
        connection.execute(
            "UPDATE runs SET status = 'running', started_at = coalesce(started_at, now()) WHERE run_no = %s",
            (run_no,),
        )
        if then is not None:
            then(connection, run_no)


def _execute(connection: Connection, statement: str, values: dict[str, object]) -> None:
    # Without parameters psycopg would not unescape a doubled percent sign, with unused ones it does not mind.
    connection.execute(statement, values)
