"""Which objects of the lake the ledger names."""

from collections.abc import Iterable

from hctap_stores.database.connection import Database


def named_among(database: Database, keys: Iterable[str]) -> frozenset[str]:
    """Those of some keys that any run's ledger names."""
    with database.transaction() as connection:
        rows = connection.execute(
            "SELECT DISTINCT object_key FROM run_shards WHERE object_key = ANY(%s)", (list(keys),)
        )
        return frozenset(str(key) for (key,) in rows)


def runs_that_are_over(database: Database) -> frozenset[str]:
    """The ids of the runs to which no part is added unless they are resumed."""
    with database.transaction() as connection:
        rows = connection.execute("SELECT run_id FROM runs WHERE status NOT IN ('queued', 'running')")
        return frozenset(str(run_id) for (run_id,) in rows)
