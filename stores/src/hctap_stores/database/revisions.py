"""The schema's version: what the code needs, what the database has, and the way from one to the other."""

import logging
from typing import Final

import psycopg

from hctap_core.errors import MigrationNeeded
from hctap_stores.database.connection import Database, connection_options
from hctap_stores.database.faults import address_of, translated

log = logging.getLogger(__name__)

# Written down so that a check needs no Alembic; a test compares it with the newest migration.
NEEDED_REVISION: Final = "0021"
REVISION_QUERY: Final = "SELECT version_num FROM alembic_version"
_LOCK: Final = "hctap-migrations"


def current(database: Database) -> str | None:
    """The revision that the database is at, None before the first migration."""
    with database.transaction() as connection:
        found = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
        if not found or not found[0]:
            return None
        row = connection.execute(REVISION_QUERY).fetchone()
    return str(row[0]) if row else None


def require(database: Database) -> None:
    """See that the database has the schema that this code needs.

    Raises:
        MigrationNeeded: If it has another one or none.
    """
    check_revision(current(database))


def check_revision(revision: str | None) -> None:
    """See that a revision is the one that this code needs.

    Raises:
        MigrationNeeded: If it is another one or none.
    """
    if revision == NEEDED_REVISION:
        return
    if revision is None or revision < NEEDED_REVISION:
        raise MigrationNeeded(
            f"The database is at schema {revision or 'none'}, this program needs {NEEDED_REVISION}.",
            remedy="Run `hctap-etl db upgrade`.",
        )
    raise MigrationNeeded(
        f"The database is at schema {revision}, which is newer than this program's {NEEDED_REVISION}.",
        remedy="Update this program.",
    )


def upgrade(url: str) -> str:
    """Bring the database to the schema that this code needs; processes that do so at once take turns.

    Returns:
        The revision that the database is at.

    Raises:
        MigrationNeeded: If the database is newer than the code.
    """
    with Database(url, application="hctap-migrations") as database:
        with database.lock(_LOCK, busy="Another process migrates the database.", patience_seconds=120):
            before = current(database)
            if before is not None and before > NEEDED_REVISION:
                check_revision(before)
            if before != NEEDED_REVISION:
                _migrate(url)
                log.info("database_migrated", extra={"version": NEEDED_REVISION})
        return NEEDED_REVISION


def _migrate(url: str) -> None:
    # Alembic reports each of its own steps, from its import on; ours is one.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    config = Config()
    config.set_main_option("script_location", "hctap_stores.database:migrations")
    config.set_main_option("path_separator", "os")
    address = address_of(url)

    with translated(address):
        engine = create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(url, **connection_options(url)),
            poolclass=NullPool,
        )
        try:
            with engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, NEEDED_REVISION)
        except DBAPIError as error:
            if isinstance(error.orig, psycopg.Error):
                raise error.orig from None
            raise
