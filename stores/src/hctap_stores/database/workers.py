"""Which workers are there: each gives a sign with every heartbeat."""

from dataclasses import dataclass, field
from typing import Any, Final

from psycopg.rows import dict_row

from hctap_core.orders import Worker
from hctap_stores.database.connection import Connection, Database

ALIVE: Final = "seen_at > now() - 3 * heartbeat_seconds * interval '1 second'"
COUNT_FOR_RUN: Final = f"""
SELECT count(*) FROM workers w WHERE {ALIVE} AND CASE WHEN r.pipeline_hash = ''
    THEN w.extractor = r.pipeline->>'extractor' ELSE w.pipeline_hash = r.pipeline_hash END
"""  # noqa: S608 - constants
_LIST: Final = f"""
SELECT worker_no, extractor, pipeline_hash, jobs_at_once, started_at, seen_at FROM workers WHERE {ALIVE}
ORDER BY worker_no
"""  # noqa: S608 - constants


@dataclass
class Signs:
    """The signs of one worker."""

    url: str
    extractor: str
    pipeline_hash: str
    jobs_at_once: int
    heartbeat_seconds: float
    _worker_no: int | None = field(default=None, init=False)

    def give(self) -> None:
        """Say that the worker lives.

        Raises:
            StoreUnavailable: If the database does not answer.
        """
        with Database(self.url, application="hctap-worker") as database, database.transaction() as connection:
            if self._worker_no is not None:
                found = connection.execute(
                    "UPDATE workers SET seen_at = now() WHERE worker_no = %s", (self._worker_no,)
                )
                if found.rowcount == 1:
                    return
            self._worker_no = self._enter(connection)

    def end(self) -> None:
        """Say that the worker goes."""
        if self._worker_no is not None:
            with Database(self.url, application="hctap-worker") as database, database.transaction() as connection:
                connection.execute("DELETE FROM workers WHERE worker_no = %s", (self._worker_no,))

    def _enter(self, connection: Connection) -> int:
        # Those that went without a word are forgotten after a day.
        connection.execute("DELETE FROM workers WHERE seen_at < now() - interval '1 day'")
        row = connection.execute(
            """
            INSERT INTO workers (extractor, pipeline_hash, jobs_at_once, heartbeat_seconds) VALUES (%s, %s, %s, %s)
            RETURNING worker_no
            """,
            (self.extractor, self.pipeline_hash, self.jobs_at_once, self.heartbeat_seconds),
        ).fetchone()
        return int(row[0]) if row else 0


def list_workers(database: Database) -> list[Worker]:
    """The workers that gave a sign within three of their heartbeats."""
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows: list[dict[str, Any]] = cursor.execute(_LIST).fetchall()
    return [Worker.model_validate(row) for row in rows]


def count_workers(database: Database, run_no: int) -> int:
    """How many workers that are there could work on a run."""
    with database.transaction() as connection:
        row = connection.execute(
            f"SELECT ({COUNT_FOR_RUN}) FROM runs r WHERE run_no = %s",  # noqa: S608 - constants
            (run_no,),
        ).fetchone()
    return int(row[0]) if row else 0
