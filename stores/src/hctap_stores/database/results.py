"""The work on a run: the notes of a shard out of the ledger, and what was found into the tables."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from psycopg.types.json import Jsonb

from hctap_core.runs import Part
from hctap_stores.database.connection import Connection, Database, copy_block
from hctap_stores.database.keeping import Kept
from hctap_stores.database.rows import TABLES, LedgerEntry, LedgerNote, Rows

_INSERT_TERMS: Final = """
INSERT INTO terms (term_no, entity_type, norm_text, codes_no)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[]) ORDER BY 1 ON CONFLICT DO NOTHING
"""
# Each list as it is, and code by code. Whoever brings a list first brings all of it.
_INSERT_CODES: Final = """
WITH brought AS (
    INSERT INTO code_lists (codes_no, codes) SELECT * FROM unnest(%s::bigint[], %s::jsonb[]) ORDER BY 1
    ON CONFLICT DO NOTHING RETURNING codes_no, codes
)
INSERT INTO listed_codes (codes_no, rank, system, code, display, score, release, reason)
SELECT codes_no, rank - 1, system, code, display, score, release, coalesce(reason, '')
FROM brought CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(codes) AS (
    system text, code text, display text, score double precision, release text, reason text)
) WITH ORDINALITY AS k (system, code, display, score, release, reason, rank)
"""


def pending_shards(database: Database, run_no: int) -> list[int]:
    """The shards that are not done, in order, but for those whose notes need no work."""
    with database.transaction() as connection:
        rows = connection.execute(
            """
            SELECT shard FROM run_shards s WHERE run_no = %s AND state = 'pending' AND EXISTS (
                SELECT FROM run_notes n WHERE (n.run_no, n.shard) = (s.run_no, s.shard) AND n.state = 'pending')
            ORDER BY shard
            """,
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
    rows: Rows,
    begun_ns: int,
    then: Callable[[Connection, int], None] | None = None,
) -> bool:
    """Make a shard's results visible, in one transaction: the commit point.

    `begun_ns` is when the work on the shard began, by `time.monotonic_ns`; `then` is what belongs into the same
    transaction.

    Returns:
        False if another process has done or parted the shard meanwhile, or the run is cancelled; then nothing is
        written.
    """
    database.kept.begin(run_no)
    with database.transaction() as connection:
        if not hold_shard(connection, run_no, shard) or _count_of(connection, run_no, shard) != len(rows.ledger):
            return False
        _write_ledger(connection, run_no, rows.ledger)
        _write_surrogates(connection, run_no, rows)
        copy_results(connection, rows, database.kept)
        name_part(connection, run_no, shard, part, rows.by_type, begun_ns)
        if then is not None:
            then(connection, run_no)
    database.kept.remember(rows.terms, rows.provenances, rows.code_lists)
    return True


def _count_of(connection: Connection, run_no: int, shard: int) -> int:
    row = connection.execute(
        "SELECT count(*) FROM run_notes WHERE run_no = %s AND shard = %s AND state = 'pending'", (run_no, shard)
    ).fetchone()
    return int(row[0]) if row else 0


def hold_shard(connection: Connection, run_no: int, shard: int) -> bool:
    """Hold a shard that is not done until the transaction ends; False if it is done or the run is cancelled."""
    # The run's own row, too: its results have no other reference to it.
    mine = connection.execute(
        """
        SELECT FROM run_shards s JOIN runs r USING (run_no)
        WHERE run_no = %s AND shard = %s AND state = 'pending' AND r.status = 'running'
        FOR UPDATE OF s FOR KEY SHARE OF r
        """,
        (run_no, shard),
    )
    return mine.rowcount == 1


def name_part(
    connection: Connection, run_no: int, shard: int, part: Part, by_type: Mapping[str, int], begun_ns: int
) -> None:
    """Name the object of a shard, which is done with that."""
    connection.execute(
        """
        UPDATE run_shards SET state = 'done', object_key = %s, sha256 = %s, rows = %s, bytes = %s, by_type = %s,
            duration_us = %s, finished_at = clock_timestamp()
        WHERE run_no = %s AND shard = %s
        """,
        (
            part.key,
            part.sha256,
            part.rows,
            part.bytes,
            Jsonb(by_type),
            (time.monotonic_ns() - begun_ns) // 1000,
            run_no,
            shard,
        ),
    )


def _write_ledger(connection: Connection, run_no: int, entries: tuple[LedgerEntry, ...]) -> None:
    connection.execute(
        """
        UPDATE run_notes SET state = CASE WHEN r.failure IS NULL THEN 'done' ELSE 'quarantined' END,
            reason = CASE WHEN r.failure IS NULL THEN NULL ELSE r.reason END, detail = r.failure,
            attempt = attempt + 1, entity_count = r.entity_count, duration_us = r.duration_us, measures = r.measures
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::integer[], %s::bigint[], %s::jsonb[])
            AS r (object_key, failure, reason, entity_count, duration_us, measures)
        WHERE run_notes.run_no = %s AND run_notes.object_key = r.object_key
        """,
        (
            [entry.object_key for entry in entries],
            [entry.failure for entry in entries],
            [entry.reason.value for entry in entries],
            [entry.entity_count for entry in entries],
            [entry.duration_us for entry in entries],
            [entry.measures for entry in entries],
            run_no,
        ),
    )
    if failed := [entry.object_key for entry in entries if entry.failure is not None]:
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


def _write_surrogates(connection: Connection, run_no: int, rows: Rows) -> None:
    """Let the ledger name the texts that the offsets refer to, and keep the raw texts' hashes beside them."""
    if not rows.surrogates:
        return
    texts = sorted(rows.surrogates.items())
    connection.execute(
        """
        INSERT INTO note_texts SELECT sha256, text, length(text) FROM unnest(%s::text[], %s::text[]) AS s (sha256, text)
        ORDER BY sha256 ON CONFLICT DO NOTHING
        """,
        ([sha256 for sha256, _ in texts], [text for _, text in texts]),
    )
    # Who deletes another note with the same surrogate waits, and then sees this ledger.
    hashes = [sha256 for sha256, _ in texts]
    connection.execute("SELECT FROM note_texts WHERE content_sha256 = ANY(%s) FOR KEY SHARE", (hashes,))
    replaced = [entry for entry in rows.ledger if entry.surrogate_sha256 is not None]
    # The same surrogate stands for every note that has the text.
    connection.execute(
        """
        UPDATE run_notes n SET raw_sha256 = n.content_sha256, content_sha256 = r.surrogate_sha256
        FROM unnest(%s::text[], %s::text[]) AS r (object_key, surrogate_sha256)
        WHERE n.run_no = %s AND coalesce(n.duplicate_of, n.object_key) = r.object_key
        """,
        ([entry.object_key for entry in replaced], [entry.surrogate_sha256 for entry in replaced], run_no),
    )


def copy_results(connection: Connection, rows: Rows, kept: Kept) -> None:
    """Load the rows of a shard into the tables of results, and what they name that is not kept yet."""
    for (table, columns), block in zip(TABLES.items(), rows.tables, strict=True):
        if block:
            copy_block(connection, table, columns, block)
    # In one order, so that two commits that bring the same rows cannot wait for each other.
    if terms := [term for term in rows.terms if term not in kept.terms]:
        connection.execute(_INSERT_TERMS, [list(column) for column in zip(*terms, strict=True)])
    if provenances := {number: record for number, record in rows.provenances.items() if number not in kept.provenances}:
        connection.execute(
            "INSERT INTO provenances SELECT * FROM unnest(%s::bigint[], %s::jsonb[]) ORDER BY 1 ON CONFLICT DO NOTHING",
            (list(provenances), list(provenances.values())),
        )
    if code_lists := {number: codes for number, codes in rows.code_lists.items() if number not in kept.code_lists}:
        connection.execute(_INSERT_CODES, (list(code_lists), list(code_lists.values())))
