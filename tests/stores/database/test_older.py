"""A database that an older version has filled is brought up to date with nothing lost.

`older/0007.sql` is `pg_dump --data-only --inserts` of what it wrote: an import, a refused file, a finished run.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg.types.json import Jsonb
from sqlalchemy import create_engine

from hctap_core.entities import Entity
from hctap_core.errors import MigrationNeeded
from hctap_core.runs import RunStatus
from hctap_stores.database import export, revisions, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.rows import Term, intern_codes, number_term

REVISION = "0007"
RUN_ID = "20261121T150945Z-hybrid"
FOUND = {"chest pain", "lisinopril", "hypertension", "Chest x-ray", "pneumonia", "asthma"}


def _database_of(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "hctap_stores.database:migrations")
    config.set_main_option("path_separator", "os")
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


@pytest.fixture
def older_url(new_database: Callable[[], str]) -> str:
    """A database as the older version left it."""
    url = new_database()
    _database_of(url, REVISION)
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


def test_codes_that_stood_with_each_entity_come_from_lists(new_database: Callable[[], str]) -> None:
    url = new_database()
    _database_of(url, "0020")
    # What each entity had: a list with a number, rows alone since they may quote the note, and none at all.
    code = {"system": "S", "code": "a", "display": "d", "score": 0.5, "release": "1", "reason": "name"}
    quoting = code | {"code": "b", "reason": "name; detail: left"}
    codes: list[list[dict[str, Any]]] = [[code], [quoting, code], [], [quoting, code], [code]]
    numbers = [-5, None, intern_codes("[]", []), None, -5]
    with psycopg.connect(url) as filling:
        filling.execute("SET session_replication_role = replica")
        filling.execute(
            """
            INSERT INTO runs (run_id, status, pipeline, pipeline_hash) VALUES ('R', 'succeeded', '{}', 'x');
            INSERT INTO provenances VALUES (1, '{}');
            INSERT INTO run_notes (run_no, object_key, etag, bytes, note_no, note_id, content_sha256, state, shard)
            VALUES (1, 'k', 'e', 1, 1, 'n', 's', 'done', 0);
            INSERT INTO notes (note_id, specialty, checksum, content_sha256, schema_version)
            VALUES ('n', 'Ward', 'c', 's', 1);
            """
        )
        filling.execute("INSERT INTO code_lists VALUES (-5, %s)", (Jsonb([code]),))
        for ordinal, (number, listed) in enumerate(zip(numbers, codes, strict=True)):
            filling.execute(
                "INSERT INTO entities SELECT 1, 1, %s, 'PROBLEM', 'É', 'é', 0, 1, 1, 'plan', "
                "false, false, false, false, false, 1, NULL, %s",
                (ordinal, number),
            )
            for rank, one in enumerate(listed):
                filling.execute(
                    "INSERT INTO entity_codes VALUES (1, 1, %s, %s, %s, %s, %s, %s, %s, %s)",
                    (ordinal, rank, *one.values()),
                )
    assert revisions.upgrade(url) == revisions.NEEDED_REVISION
    with Database(url) as database:
        assert [one["codes"] for one in export.read_entities(database, 1, "R")] == codes
        with database.transaction() as connection:
            found = connection.execute("SELECT codes_no, term_no FROM entities ORDER BY ordinal").fetchall()
            terms = {Term(*row) for row in connection.execute("SELECT * FROM terms")}
            lists = connection.execute("SELECT count(*), count(DISTINCT codes_no) FROM listed_codes").fetchone()
    assert [number < 0 for number, _ in found] == [False, True, False, True, False]
    assert found[0] == found[4]
    assert found[1] == found[3]
    assert found[2][0] == numbers[2]
    assert {number_term("PROBLEM", "é", number) for number, _ in found} == terms
    assert {term.term_no for term in terms} == {number for _, number in found}
    assert lists == (3, 2)
