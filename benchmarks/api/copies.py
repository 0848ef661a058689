"""A run's notes many times over under new ids, and a second run that differs in places: made by SQL within minutes.

Each copy of a text ends with a line of its own, so that no text is a duplicate and all offsets stay right. The copies
lie in the database alone; the lake does not have them.
"""

from dataclasses import dataclass
from typing import Final

import psycopg

from hctap_core.errors import BadInput
from hctap_stores.database.connection import Connection, Database

FIRST: Final = "COPIES-1"
SECOND: Final = "COPIES-2"
# So many copies are made in one transaction.
_AT_ONCE: Final = 100
_NEW_RUN: Final = """
INSERT INTO runs (run_id, status, pipeline, pipeline_hash, created_at, started_at)
SELECT %(run_id)s, 'queued', pipeline, pipeline_hash, now(), now() FROM runs WHERE run_no = %(source)s
RETURNING run_no
"""
_COPIES: Final = """
CREATE TEMP TABLE copied ON COMMIT DROP AS
SELECT k, n.note_no AS source_no, n.note_id || '-copy-' || lpad(k::text, 5, '0') AS note_id,
    t.text || E'\\nCopy ' || k || '.' AS text
FROM generate_series(%(begin)s::integer, %(end)s::integer) AS k CROSS JOIN run_notes l
JOIN notes n USING (note_no) JOIN note_texts t ON t.content_sha256 = l.content_sha256
WHERE l.run_no = %(source)s AND l.state = 'done'
"""
_NOTES: Final = (
    "ALTER TABLE copied ADD COLUMN sha256 text, ADD COLUMN note_no bigint",
    "UPDATE copied SET sha256 = encode(sha256(convert_to(text, 'UTF8')), 'hex')",
    "INSERT INTO note_texts SELECT sha256, text, length(text) FROM copied",
    """
    INSERT INTO notes (note_id, specialty, checksum, content_sha256, patient_id, encounter_id, note_type, authored_at,
        source, language, data_class, batch_id, schema_version)
    SELECT c.note_id, n.specialty, md5(c.text), c.sha256, n.patient_id || '-' || k, n.encounter_id || '-' || k,
        n.note_type, n.authored_at, n.source, n.language, n.data_class, n.batch_id, n.schema_version
    FROM copied c JOIN notes n ON n.note_no = c.source_no ORDER BY k, source_no
    """,
    "UPDATE copied c SET note_no = n.note_no FROM notes n WHERE n.note_id = c.note_id",
    "CREATE INDEX ON copied (source_no)",
    "ANALYZE copied",
)
_LEDGER: Final = """
INSERT INTO run_notes (run_no, object_key, etag, bytes, note_no, note_id, content_sha256, state, shard, attempt,
    entity_count, characters, duration_us)
SELECT %(run)s, 'notes/' || c.note_id || '.json', md5(c.text), octet_length(c.text), c.note_no, c.note_id, c.sha256,
    'done', c.k, 1, l.entity_count, length(c.text), l.duration_us
FROM copied c JOIN run_notes l ON l.run_no = %(source)s AND l.note_no = c.source_no
"""
# The terms of a run whose codes become others, with the numbers that they have then.
_OTHERWISE: Final = (
    """
    CREATE TEMP TABLE otherwise ON COMMIT DROP AS
    SELECT t.term_no AS was_no, t.entity_type, t.norm_text, t.codes_no AS were_no, n.codes_no,
        ('x' || left(encode(sha256(convert_to(concat(t.entity_type, E'\\n', t.norm_text, E'\\n', n.codes_no), 'UTF8')),
            'hex'), 16))::bit(64)::bigint AS term_no
    FROM terms t CROSS JOIN LATERAL (
        SELECT hashtextextended('otherwise', t.codes_no) & 9223372036854775807 AS codes_no) AS n
    WHERE t.term_no IN (SELECT term_no FROM entities WHERE run_no = %(source)s)
        AND EXISTS (SELECT FROM listed_codes k WHERE k.codes_no = t.codes_no)
    """,
    """
    INSERT INTO code_lists SELECT DISTINCT o.codes_no, (
        SELECT jsonb_agg(code || '{"code": "R69"}' ORDER BY place)
        FROM jsonb_array_elements(l.codes) WITH ORDINALITY AS c (code, place))
    FROM otherwise o JOIN code_lists l ON l.codes_no = o.were_no ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO listed_codes
    SELECT DISTINCT o.codes_no, k.rank, k.system, 'R69', k.display, k.score, k.release, k.reason
    FROM otherwise o JOIN listed_codes k ON k.codes_no = o.were_no ON CONFLICT DO NOTHING
    """,
    "INSERT INTO terms SELECT term_no, entity_type, norm_text, codes_no FROM otherwise ON CONFLICT DO NOTHING",
    "ANALYZE otherwise",
)
_RESULTS: Final = (
    """
    INSERT INTO entities SELECT %(run)s, c.note_no, e.ordinal, e.entity_type, e.text, e.norm_text, e.begin_offset,
        e.end_offset, e.score, e.section, e.negated <> ({changes} = 1), e.uncertain, e.historical, e.hypothetical,
        e.family, e.provenance_no, e.cues, coalesce(o.codes_no, e.codes_no), coalesce(o.term_no, e.term_no)
    FROM copied c JOIN entities e ON e.run_no = %(source)s AND e.note_no = c.source_no
    LEFT JOIN otherwise o ON o.was_no = e.term_no AND {changes} = 3
    WHERE {changes} <> 2 ORDER BY c.note_no, e.ordinal
    """,
    """
    INSERT INTO entity_attributes SELECT %(run)s, c.note_no, e.ordinal, e.position, e.type, e.text, e.begin_offset,
        e.end_offset, e.norm
    FROM copied c JOIN entity_attributes e ON e.run_no = %(source)s AND e.note_no = c.source_no
    WHERE {changes} <> 2 ORDER BY c.note_no, e.ordinal, e.position
    """,
    """
    INSERT INTO entity_counts SELECT %(run)s, note_no, entity_type, count(*),
        count(*) FILTER (WHERE NOT (negated OR uncertain OR historical OR hypothetical OR family)),
        count(*) FILTER (WHERE negated), count(*) FILTER (WHERE uncertain), count(*) FILTER (WHERE historical),
        count(*) FILTER (WHERE hypothetical), count(*) FILTER (WHERE family), count(*) FILTER (WHERE EXISTS (
            SELECT FROM listed_codes k WHERE k.codes_no = e.codes_no)),
        count(*) FILTER (WHERE EXISTS (
            SELECT FROM entity_attributes a WHERE (a.run_no, a.note_no, a.ordinal) = (e.run_no, e.note_no, e.ordinal)
                AND a.type IN ('STRENGTH', 'DOSE', 'VALUE')))
    FROM copied c JOIN entities e USING (note_no) WHERE e.run_no = %(run)s GROUP BY 2, 3
    """,
    """
    INSERT INTO run_sections SELECT %(run)s, c.note_no, s.ordinal, s.begin_offset, s.end_offset, s.header, s.type
    FROM copied c JOIN run_sections s ON s.run_no = %(source)s AND s.note_no = c.source_no
    ORDER BY c.note_no, s.ordinal
    """,
)
_NO_CHANGES: Final = "0"
# Of a hundred entities of the second run one is asserted, one coded otherwise, and one is missing.
_CHANGES: Final = "((c.note_no * 31 + e.ordinal * 7) %% 100)"
_FINISH: Final = """
UPDATE runs SET status = 'succeeded', finished_at = clock_timestamp(), counts = (
        SELECT s.counts || jsonb_build_object('notes', c.notes, 'done', c.notes, 'distinct', c.notes,
            'characters', c.characters, 'entities', (SELECT count(*) FROM entities WHERE run_no = runs.run_no))
        FROM runs s, (SELECT count(*) AS notes, sum(characters) AS characters FROM run_notes
            WHERE run_no = runs.run_no) AS c
        WHERE s.run_no = %(source)s)
WHERE run_no = %(run)s
"""
_SIZE: Final = """
SELECT counts->'notes', counts->'entities' FROM runs WHERE run_id = %s AND status = 'succeeded'
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much lies in the copies' run."""

    notes: int
    entities: int


def make_copies(database: Database, source_id: str, notes: int) -> Size:
    """Two runs of at least so many notes; made where they are not there yet, in full or not at all.

    Raises:
        BadInput: If there is no such run to copy from.
    """
    if (size := find_size(database, FIRST)) is not None and size.notes >= notes and find_size(database, SECOND):
        return size
    with database.transaction() as connection:
        # What an interrupted attempt left.
        connection.execute("DELETE FROM runs WHERE run_id = ANY(%s)", ([SECOND, FIRST],))
        connection.execute("DELETE FROM notes WHERE note_id LIKE %s", ("%-copy-%",))
        source, first, second, copies = _begin(connection, source_id, notes)
    for begin in range(1, copies + 1, _AT_ONCE):
        with database.transaction() as connection:
            values = {"source": source, "begin": begin, "end": min(begin + _AT_ONCE - 1, copies)}
            connection.execute(_COPIES, values)
            for statement in _NOTES:
                connection.execute(statement)
            for statement in _OTHERWISE:
                connection.execute(statement, values)
            _copy_results(connection, source, first, _NO_CHANGES)
            _copy_results(connection, source, second, _CHANGES)
    with database.transaction() as connection:
        for run in (second, first):
            connection.execute(_FINISH, {"source": source, "run": run})
    size = find_size(database, FIRST)
    if size is None:
        raise BadInput("The copies were not made.")
    return size


def settle(url: str) -> None:
    """Bring the stores to where PostgreSQL brings them itself some minutes after a load, so that it does not meanwhile.

    Else the first readers of a page mark its rows, and autovacuum reads all tables beside what is measured.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def find_size(database: Database, run_id: str) -> Size | None:
    """The size of a finished run, None where there is none."""
    with database.transaction() as connection:
        row = connection.execute(_SIZE, (run_id,)).fetchone()
    return Size(*row) if row else None


def _begin(connection: Connection, source_id: str, notes: int) -> tuple[int, int, int, int]:
    row = connection.execute(
        "SELECT run_no, (counts->'done')::integer FROM runs WHERE run_id = %s AND status IN ('succeeded', 'partial')",
        (source_id,),
    ).fetchone()
    if row is None or not row[1]:
        raise BadInput(f"There is no run {source_id} to copy.", remedy="Run over the samples first.")
    made = []
    for run_id in (FIRST, SECOND):
        new = connection.execute(_NEW_RUN, {"run_id": run_id, "source": row[0]}).fetchone()
        made.append(new[0] if new else 0)
    connection.execute("UPDATE runs SET status = 'running' WHERE run_no = ANY(%s)", (made,))
    return row[0], made[0], made[1], -(-notes // row[1])


def _copy_results(connection: Connection, source: int, run: int, changes: str) -> None:
    values = {"source": source, "run": run}
    connection.execute(_LEDGER, values)
    for statement in _RESULTS:
        connection.execute(statement.format(changes=changes), values)
