"""Who may change what the lake holds of a run: those who work on it, or whoever sweeps up after it, never both.

Work on a run holds its lock or has a job in the queue; resuming it, committing a shard and renaming a part need its
row. Who sweeps holds the row, and looks for lock and jobs after that.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from hctap_core.runs import RunStatus
from hctap_stores.database.connection import Database
from hctap_stores.database.runs import StoredRun, find_run, run_lock


@contextmanager
def hold_run(database: Database, run_id: str) -> Iterator[None]:
    """Hold a run's lock while its objects are written, once nobody sweeps up after it.

    Raises:
        RunConflict: If another process works on it.
    """
    with database.lock(run_lock(run_id), busy=f"Another process works on the run {run_id}."):
        with keep_run(database, run_id):
            pass  # who sweeps from now on sees the lock
        yield


@contextmanager
def keep_run(database: Database, run_id: str) -> Iterator[None]:
    """Keep everybody from sweeping up after a run, in a transaction that ends with the block."""
    with database.transaction() as connection:
        connection.execute("SELECT FROM runs WHERE run_id = %s FOR KEY SHARE", (run_id,))
        yield


@contextmanager
def hold_ended(database: Database, run_id: str) -> Iterator[StoredRun | None]:
    """Keep a run that is over as it is, unresumed, in a transaction that ends with the block.

    Gives None for a run that is not over, that somebody works on, or that is gone.
    """
    with database.transaction() as connection:
        held = connection.execute("SELECT FROM runs WHERE run_id = %s FOR UPDATE", (run_id,))
        stored = find_run(database, run_id) if held.rowcount == 1 else None
        is_open = stored is None or stored.is_worked_on or stored.run.status in {RunStatus.QUEUED, RunStatus.RUNNING}
        yield None if is_open else stored
