"""A database that an older version has filled is brought up to date with nothing lost.

`older/0007.sql` is `pg_dump --data-only --inserts` of what it wrote: an import, a refused file, a finished run.
"""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from hctap_core.entities import Entity
from hctap_core.errors import MigrationNeeded
from hctap_core.runs import RunStatus
from hctap_stores.database import export, revisions, runs
from hctap_stores.database.connection import Database

REVISION = "0007"
RUN_ID = "20261121T150945Z-hybrid"
FOUND = {"chest pain", "lisinopril", "hypertension", "Chest x-ray", "pneumonia", "asthma"}


@pytest.fixture
def older_url(new_database: Callable[[], str]) -> str:
    """A database as the older version left it."""
    url = new_database()
    config = Config()
    config.set_main_option("script_location", "hctap_stores.database:migrations")
    config.set_main_option("path_separator", "os")
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, REVISION)
    engine.dispose()
    with psycopg.connect(url) as filling:
        # Rows as they stood at the end, among them states that are entered step by step.
        filling.execute("SET session_replication_role = replica")
        filling.execute((Path(__file__).parent / "older" / f"{REVISION}.sql").read_bytes())
    return url


def test_it_is_named_with_the_remedy(older_url: str) -> None:
    with Database(older_url) as database, pytest.raises(MigrationNeeded, match=r"schema 0007.*hctap-etl db upgrade"):
        revisions.require(database)


def test_brought_up_to_date_it_keeps_its_run_and_takes_a_new_one(older_url: str) -> None:
    assert revisions.upgrade(older_url) == revisions.NEEDED_REVISION
    with Database(older_url) as database:
        run = runs.find_run(database, RUN_ID)
        assert (run.run.status, run.run.counts.notes, run.run.counts.entities) == (RunStatus.SUCCEEDED, 2, 6)
        entities = [Entity.model_validate(one) for one in export.read_entities(database, run.run_no, RUN_ID)]
        assert {entity.text for entity in entities} == FOUND
        assert [code.code for code in entities[0].codes][:2] == ["R07.9", "HP:0100749"]
        again = runs.create_run(database, "again", run.run.pipeline)
        assert again.run_no > run.run_no
