"""What each import brought, in the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from hctap_stores.database.connection import Database


@dataclass(frozen=True, slots=True)
class Batch:
    """One import: where it came from, when, and what became of its records."""

    batch_id: str
    source: str
    source_name: str
    started_at: datetime
    finished_at: datetime
    counts: Mapping[str, Any]


def write_batch(database: Database, batch: Batch) -> None:
    """Keep a batch; the same batch written twice is kept once."""
    with database.transaction() as connection:
        connection.execute(
            """
            INSERT INTO batches (batch_id, source, source_name, started_at, finished_at, counts)
            VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
            """,
            (
                batch.batch_id,
                batch.source,
                batch.source_name,
                batch.started_at,
                batch.finished_at,
                Jsonb(batch.counts),
            ),
        )
