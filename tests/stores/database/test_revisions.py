from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.conninfo import make_conninfo
from sqlalchemy import create_engine

from hctap_core.errors import MigrationNeeded, StoreUnavailable
from hctap_stores.database import revisions
from hctap_stores.database.connection import Database
from hctap_stores.database.schema import metadata

_SHAPE = """
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
    coalesce(l.collname, ''), coalesce(pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0
    AND NOT a.attisdropped AND c.relname <> 'alembic_version'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, '', '', ''
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
UNION ALL
SELECT 'index', tablename, indexname, indexdef, NULL, '', '', '' FROM pg_indexes
WHERE schemaname = 'public' AND tablename <> 'alembic_version'
UNION ALL
SELECT 'comment', relname, obj_description(oid, 'pg_class'), '', NULL, '', '', '' FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
ORDER BY 1, 2, 3, 4
"""


def _shape(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(_SHAPE).fetchall()


def test_migrations_make_what_the_schema_says(new_database: Callable[[], str]) -> None:
    migrated, made = new_database(), new_database()
    revisions.upgrade(migrated)
    with psycopg.connect(made) as connection:
        connection.execute("CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent")
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(made))
    metadata.create_all(engine)
    engine.dispose()
    shape = _shape(migrated)
    assert len(shape) > 100
    assert shape == _shape(made)


def test_the_needed_revision_is_the_newest() -> None:
    config = Config()
    config.set_main_option("script_location", "hctap_stores.database:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == revisions.NEEDED_REVISION


def test_upgrade_from_several_places_at_once(new_database: Callable[[], str]) -> None:
    url = new_database()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(revisions.upgrade, [url] * 4)) == {revisions.NEEDED_REVISION}
    with Database(url) as database:
        assert revisions.current(database) == revisions.NEEDED_REVISION
        revisions.require(database)


def test_a_database_without_schema_is_named(new_database: Callable[[], str]) -> None:
    with Database(new_database()) as database:
        assert revisions.current(database) is None
        with pytest.raises(MigrationNeeded, match="hctap-etl db upgrade"):
            revisions.require(database)


def test_a_database_that_takes_no_writes_is_named(new_database: Callable[[], str]) -> None:
    url = make_conninfo(new_database(), options="-c default_transaction_read_only=on")
    with pytest.raises(StoreUnavailable, match="is read-only"):
        revisions._migrate(url)


def test_a_newer_database_is_left_alone(new_database: Callable[[], str]) -> None:
    url = new_database()
    revisions.upgrade(url)
    with Database(url) as database:
        with database.transaction() as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(MigrationNeeded, match="Update this program"):
            revisions.upgrade(url)
        assert revisions.current(database) == "9999"
