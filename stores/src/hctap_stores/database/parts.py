"""Which objects of the lake the ledger names."""

from hctap_stores.database.connection import Database


def named_keys(database: Database) -> frozenset[str]:
    """The keys of all parts that any run's ledger names."""
    with database.transaction() as connection:
        rows = connection.execute("SELECT DISTINCT object_key FROM run_shards WHERE object_key IS NOT NULL")
        return frozenset(str(key) for (key,) in rows)


def runs_that_are_over(database: Database) -> frozenset[str]:
    """The ids of the runs to which no part is added any more."""
    with database.transaction() as connection:
        rows = connection.execute("SELECT run_id FROM runs WHERE status NOT IN ('queued', 'running')")
        return frozenset(str(run_id) for (run_id,) in rows)
