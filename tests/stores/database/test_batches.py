from datetime import UTC, datetime

from hctap_stores.database.batches import Batch, write_batch
from hctap_stores.database.connection import Database

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_batch_is_kept_once(database: Database) -> None:
    batch = Batch("b1", "notes.csv", "ward 7", MOMENT, MOMENT, {"read": 3})
    write_batch(database, batch)
    write_batch(database, batch)
    with database.transaction() as connection:
        found = connection.execute("SELECT * FROM batches").fetchall()
    assert found == [("b1", "notes.csv", "ward 7", MOMENT, MOMENT, {"read": 3})]
