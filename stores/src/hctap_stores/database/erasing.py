"""A note taken out of the database, in one transaction: its text, its results in all runs, what was judged of them.

What other notes share with it stays theirs: where it stood for its text, the next note of that text stands for it.
What the lake holds of it is written down for a worker (`hctap_stores.database.deletions`).
"""

from typing import Any, Final

from psycopg.types.json import Jsonb

from hctap_core.deletions import DeletionReason
from hctap_core.errors import NoteNotFound, RunConflict
from hctap_core.reasons import QuarantineReason
from hctap_stores.database.auditing import Access
from hctap_stores.database.catalogue import CATALOGUE_LOCK
from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.deletions import ERASE, is_deleted
from hctap_stores.database.orders import CHORES
from hctap_stores.database.queue import defer_unless_waiting

# A run that reads the lake takes minutes; whoever deletes is told to come again.
_PATIENCE_SECONDS: Final = 5.0
_BUSY: Final = "Another process is reading the raw bucket."
_DETAIL: Final = "the note was deleted"
_RESULTS: Final = ("entities", "entity_attributes", "entity_counts", "run_sections")
_FOUND: Final = """
CREATE TEMP TABLE mine ON COMMIT DROP AS
SELECT l.*, r.run_id, r.status, coalesce(l.results_of, l.run_no) AS results_no,
    r.status IN ('succeeded', 'partial') AS is_finished
FROM run_notes l JOIN runs r USING (run_no) WHERE l.note_id = %(note_id)s
"""
_TEXTS: Final = """
CREATE TEMP TABLE texts_of_it ON COMMIT DROP AS
SELECT content_sha256 FROM notes WHERE note_id = %(note_id)s
UNION SELECT content_sha256 FROM lake_objects WHERE note_id = %(note_id)s AND content_sha256 IS NOT NULL
UNION SELECT content_sha256 FROM mine WHERE content_sha256 IS NOT NULL
UNION SELECT raw_sha256 FROM mine WHERE raw_sha256 IS NOT NULL
"""
# Of the notes that share the text of a run, the first by key but this one stands for it from now on.
_HEIRS: Final = """
CREATE TEMP TABLE heirs ON COMMIT DROP AS
SELECT DISTINCT ON (m.run_no, m.object_key) m.run_no, m.object_key AS old_key, h.object_key AS new_key,
    m.note_no AS old_note_no, h.note_no AS new_note_no, m.results_no, m.is_finished, m.shard, m.state
FROM mine m JOIN run_notes h ON (h.run_no, h.duplicate_of) = (m.run_no, m.object_key)
WHERE h.note_id <> %(note_id)s AND h.duplicate_of IS NOT NULL AND h.state <> 'quarantined'
ORDER BY m.run_no, m.object_key, h.object_key
"""
# A run that is not finished reads the text anew for them, in a shard of its own.
_NEW_SHARDS: Final = (
    """
    UPDATE heirs h SET state = 'pending',
        shard = 1 + coalesce((SELECT max(shard) FROM run_shards s WHERE s.run_no = h.run_no), -1)
    WHERE NOT is_finished
    """,
    """
    INSERT INTO run_shards (run_no, shard, state) SELECT DISTINCT run_no, shard, 'pending' FROM heirs
    WHERE NOT is_finished
    """,
)
_SUCCEED: Final = (
    """
    UPDATE run_notes l SET duplicate_of = h.new_key FROM heirs h
    WHERE (l.run_no, l.duplicate_of) = (h.run_no, h.old_key) AND l.object_key <> h.new_key
    """,
    """
    UPDATE run_notes l SET duplicate_of = NULL, state = CASE WHEN h.is_finished THEN 'done' ELSE 'pending' END,
        shard = h.shard, entity_count = m.entity_count, duration_us = m.duration_us, measures = m.measures,
        raw_sha256 = CASE WHEN h.is_finished THEN m.raw_sha256 END,
        content_sha256 = CASE WHEN h.is_finished THEN m.content_sha256 ELSE l.content_sha256 END
    FROM heirs h JOIN mine m ON (m.run_no, m.object_key) = (h.run_no, h.old_key)
    WHERE (l.run_no, l.object_key) = (h.run_no, h.new_key)
    """,
)
_WORDS: Final = """
CREATE TEMP TABLE words_of_it ON COMMIT DROP AS
SELECT DISTINCT e.term_no, e.codes_no FROM entities e
JOIN (SELECT DISTINCT results_no, note_no FROM mine) AS m ON (e.run_no, e.note_no) = (m.results_no, m.note_no)
"""
_LEDGER: Final = """
UPDATE run_notes SET state = 'quarantined', reason = %(reason)s, detail = %(detail)s, note_no = NULL,
    content_sha256 = NULL, raw_sha256 = NULL, duplicate_of = NULL, shard = NULL, entity_count = 0, characters = 0,
    duration_us = NULL, results_of = NULL, measures = NULL
WHERE note_id = %(note_id)s
"""
# Who keeps a comparison holds the rows of its runs: it is kept before this and deleted here, or it sees that what it
# counted is no more. In the order of numbers, as there.
_UNCOMPARE: Final = (
    """
    UPDATE runs r SET erasures = erasures + 1 FROM (
        SELECT run_no FROM runs WHERE run_no IN (SELECT run_no FROM mine) ORDER BY run_no FOR NO KEY UPDATE
    ) AS held WHERE r.run_no = held.run_no
    """,
    """
    DELETE FROM comparisons
    WHERE first_no IN (SELECT run_no FROM mine) OR second_no IN (SELECT run_no FROM mine)
    """,
)
_REST: Final = (
    "DELETE FROM review_tasks WHERE note_id = %(note_id)s",
    "DELETE FROM gold_notes WHERE note_id = %(note_id)s",
    "DELETE FROM evaluation_errors WHERE note_id = %(note_id)s",
    "DELETE FROM uploads WHERE note_id = %(note_id)s",
    "DELETE FROM lake_objects WHERE note_id = %(note_id)s",
    "DELETE FROM notes WHERE note_id = %(note_id)s",
    # A text that other notes have is theirs.
    """
    DELETE FROM note_texts t USING texts_of_it i WHERE t.content_sha256 = i.content_sha256
        AND NOT EXISTS (SELECT FROM notes n WHERE n.content_sha256 = t.content_sha256)
        AND NOT EXISTS (SELECT FROM lake_objects o WHERE o.content_sha256 = t.content_sha256)
        AND NOT EXISTS (SELECT FROM run_notes l WHERE t.content_sha256 IN (l.content_sha256, l.raw_sha256))
    """,
    """
    DELETE FROM texts_to_index q USING texts_of_it i WHERE q.content_sha256 = i.content_sha256
        AND NOT EXISTS (SELECT FROM note_texts t WHERE t.content_sha256 = q.content_sha256)
    """,
    # So are words that are found elsewhere, and lists of codes that may quote the note and are of other terms as well.
    """
    DELETE FROM terms t USING words_of_it w WHERE t.term_no = w.term_no
        AND NOT EXISTS (
            SELECT FROM runs r JOIN entities e ON e.run_no = r.run_no WHERE e.term_no = w.term_no)
    """,
    """
    DELETE FROM code_lists l USING words_of_it w WHERE l.codes_no = w.codes_no AND w.codes_no < 0
        AND NOT EXISTS (SELECT FROM terms t WHERE t.codes_no = w.codes_no)
    """,
    """
    DELETE FROM listed_codes k USING words_of_it w WHERE k.codes_no = w.codes_no AND w.codes_no < 0
        AND NOT EXISTS (SELECT FROM code_lists l WHERE l.codes_no = w.codes_no)
    """,
)
# What the lake holds, by the keys that only the database knows.
_RAW_KEYS: Final = """
SELECT coalesce(json_agg(DISTINCT key), '[]') FROM (
    SELECT object_key AS key FROM lake_objects WHERE note_id = %(note_id)s AND pack_no IS NULL
    UNION SELECT object_key FROM mine WHERE pack_no IS NULL
    UNION SELECT object_key FROM uploads u WHERE note_id = %(note_id)s AND NOT EXISTS (
        SELECT FROM uploads other WHERE other.object_key = u.object_key AND other.note_id <> u.note_id)
) AS known
"""
_PACKS: Final = """
SELECT coalesce(json_agg(DISTINCT p.object_key), '[]') FROM lake_packs p
WHERE pack_no IN (SELECT pack_no FROM lake_objects WHERE note_id = %(note_id)s UNION SELECT pack_no FROM mine)
"""
_SHARDS: Final = """
SELECT coalesce(json_agg(DISTINCT jsonb_build_array(m.run_no, m.shard)), '[]') FROM mine m
JOIN run_shards s USING (run_no, shard) WHERE s.state = 'done'
"""
_PARTS: Final = """
SELECT coalesce(json_agg(DISTINCT s.object_key), '[]') FROM mine JOIN run_shards s USING (run_no, shard)
WHERE s.state = 'done'
"""
_SURROGATES: Final = """
SELECT coalesce(json_agg(DISTINCT jsonb_build_array(m.raw_sha256, m.content_sha256)), '[]') FROM mine m
WHERE raw_sha256 IS NOT NULL AND NOT EXISTS (
    SELECT FROM run_notes l WHERE l.raw_sha256 = m.raw_sha256 AND l.note_id <> m.note_id)
"""
_KEEP: Final = """
INSERT INTO deletions (note_id, content_sha256, reason, deleted_by, runs, remains)
VALUES (%(note_id)s, %(sha256)s, %(why)s, %(by)s, %(runs)s, %(remains)s)
"""
_AUDIT: Final = """
INSERT INTO audit (actor, role, address, action, note_id, notes, request_id, reason)
VALUES (%s, %s, %s, %s, %s, 0, %s, %s)
"""


def erase_note(database: Database, note_id: str, reason: DeletionReason, access: Access) -> bool:
    """Take a note out of the database, leave its tombstone and its row of the audit, and order the rest of a worker.

    Returns:
        False if it was deleted before; then no more is done than to order what may be left in the lake.

    Raises:
        NoteNotFound: If there is no such note.
        RunConflict: If a run that is worked on has it, or the lake is being read.
    """
    values: dict[str, Any] = {
        "note_id": note_id,
        "why": reason.value,
        "by": access.actor,
        "reason": QuarantineReason.DELETED.value,
        "detail": _DETAIL,
    }
    with (
        database.lock(CATALOGUE_LOCK, busy=_BUSY, patience_seconds=_PATIENCE_SECONDS),
        database.transaction() as connection,
    ):
        if is_deleted(connection, note_id):
            _order_rest(connection, note_id)
            return False
        # Each commit of a shard holds its run's row: what is committed now is seen by all that follows here, and the
        # next commit sees what is gone. Texts of surrogates and words may be those of several notes.
        connection.execute("SELECT FROM runs WHERE status = 'running' ORDER BY run_no FOR UPDATE")
        _find(connection, values)
        _bequeath(connection, values)
        for statement in (_WORDS, *_erasures(), *_UNCOMPARE, _LEDGER, *_REST):
            connection.execute(statement, values)
        connection.execute(_KEEP, values)
        connection.execute(
            _AUDIT,
            (access.actor, access.role, access.address, access.action, note_id, access.request_id, reason.value),
        )
        _order_rest(connection, note_id)
    return True


def _order_rest(connection: Connection, note_id: str) -> None:
    defer_unless_waiting(connection, CHORES, ERASE, {"note_id": note_id}, f"erase-{note_id}")


def _find(connection: Connection, values: dict[str, Any]) -> None:
    """Find all that is of the note, and write down what the lake holds of it."""
    there = connection.execute(
        """
        SELECT (SELECT content_sha256 FROM notes WHERE note_id = %(note_id)s),
            (SELECT content_sha256 FROM lake_objects WHERE note_id = %(note_id)s ORDER BY object_key DESC LIMIT 1),
            EXISTS (SELECT FROM uploads WHERE note_id = %(note_id)s)
        """,
        values,
    ).fetchone() or (None, None, False)
    if not any(there):
        raise NoteNotFound("There is no such note.", remedy="GET /v1/notes lists the ids.")
    connection.execute(_FOUND, values)
    worked = connection.execute("SELECT run_id FROM mine WHERE status = 'running' LIMIT 1").fetchone()
    if worked is not None:
        raise RunConflict(f"The run {worked[0]} is working on the note.", remedy="Wait for its end, or cancel it.")
    connection.execute(_TEXTS, values)
    runs = connection.execute("SELECT DISTINCT run_no, run_id, object_key FROM mine ORDER BY run_no").fetchall()
    remains = {
        "raw": _one(connection, _RAW_KEYS, values),
        "packs": _one(connection, _PACKS, values),
        "shards": _one(connection, _SHARDS, values),
        "parts": _one(connection, _PARTS, values),
        "surrogates": _one(connection, _SURROGATES, values),
        "quarantine": [[run_id, key] for _, run_id, key in runs],
    }
    numbers = sorted({run_no for run_no, _, _ in runs})
    values |= {"sha256": there[0] or there[1], "runs": Jsonb(numbers), "remains": Jsonb(remains)}


def _bequeath(connection: Connection, values: dict[str, Any]) -> None:
    """Give the results that others share with the note to the first of them, in each run."""
    connection.execute(_HEIRS, values)
    for statement in (*_NEW_SHARDS, *_inheritances(connection), *_SUCCEED):
        connection.execute(statement)


def _inheritances(connection: Connection) -> list[str]:
    copies = []
    for table in _RESULTS:
        rows = connection.execute(
            """
            SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
                AND attname NOT IN ('run_no', 'note_no') ORDER BY attnum
            """,
            (table,),
        )
        columns = ", ".join(str(name) for (name,) in rows)
        # Results of two objects with one note are the same rows.
        copies.append(
            f"INSERT INTO {table} (run_no, note_no, {columns}) "  # noqa: S608 - names of our own columns
            f"SELECT h.run_no, h.new_note_no, {', '.join(f't.{name}' for name in columns.split(', '))} "
            f"FROM heirs h JOIN {table} t ON (t.run_no, t.note_no) = (h.results_no, h.old_note_no) "
            f"WHERE h.is_finished ON CONFLICT DO NOTHING"
        )
    return copies


def _erasures() -> list[str]:
    return [
        f"DELETE FROM {table} t USING (SELECT DISTINCT results_no, note_no FROM mine) AS m "  # noqa: S608 - our tables
        f"WHERE (t.run_no, t.note_no) = (m.results_no, m.note_no)"
        for table in _RESULTS
    ]


def _one(connection: Connection, query: str, values: dict[str, Any]) -> list[Any]:
    row = connection.execute(query, values).fetchone()
    return list(row[0]) if row else []
