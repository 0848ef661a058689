"""The shards that an incremental run carries over, but for some of their notes."""

from collections.abc import Mapping

from hctap_core.runs import Part
from hctap_stores.database.connection import Database
from hctap_stores.database.results import hold_shard, name_part


def shards_to_rewrite(database: Database, run_no: int) -> list[int]:
    """The shards whose notes need no work, but whose object holds notes that are gone or have changed, in order."""
    with database.transaction() as connection:
        rows = connection.execute(
            """
            SELECT shard FROM run_shards s WHERE run_no = %s AND state = 'pending' AND EXISTS (
                SELECT FROM run_notes n WHERE (n.run_no, n.shard) = (s.run_no, s.shard) AND n.state = 'unchanged')
            ORDER BY shard
            """,
            (run_no,),
        )
        return [shard for (shard,) in rows]


def read_shard(database: Database, run_no: int, shard: int) -> tuple[str, frozenset[str]]:
    """The key of the earlier run's object for a shard, and the ids of the notes that are carried over."""
    with database.transaction() as connection:
        row = connection.execute(
            """
            SELECT s.object_key, array_agg(n.note_id) FROM runs r JOIN run_shards s ON s.run_no = r.base_run_no
            JOIN run_notes n ON (n.run_no, n.shard) = (r.run_no, s.shard)
            WHERE r.run_no = %s AND s.shard = %s AND n.state = 'unchanged' GROUP BY s.object_key
            """,
            (run_no, shard),
        ).fetchone()
    if row is None:
        raise ValueError(f"shard {shard} of run number {run_no} carries nothing over")
    return row[0], frozenset(row[1])


def commit_rewritten(
    database: Database, run_no: int, shard: int, part: Part, by_type: Mapping[str, int], begun_ns: int
) -> bool:
    """Name the object of a shard that is carried over; False if another process has done so meanwhile."""
    with database.transaction() as connection:
        if not hold_shard(connection, run_no, shard):
            return False
        name_part(connection, run_no, shard, part, by_type, begun_ns)
    return True
