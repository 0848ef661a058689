"""A migrated database for each module, empty for each test."""

from collections.abc import Iterator

import pytest

from hctap_stores.database import revisions
from hctap_stores.database.connection import Database


@pytest.fixture(scope="module")
def migrated_url(database_url: str) -> str:
    revisions.upgrade(database_url)
    return database_url


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    with Database(migrated_url) as opened:
        with opened.transaction() as connection:
            connection.execute(
                "TRUNCATE runs, notes, note_texts, lake_objects, batches, procrastinate.procrastinate_jobs "
                "RESTART IDENTITY CASCADE"
            )
        yield opened
