"""One session with PostgreSQL: transactions, locks and bulk loads, with its errors translated."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from hctap_core.errors import RunConflict
from hctap_stores.database.faults import address_of, translated
from hctap_stores.database.keeping import Kept

Connection = psycopg.Connection[TupleRow]

# A network that swallows packets is noticed within a minute on both sides, so no command hangs on a dead server
# and no lock stays with a dead client. Times are stored and compared in UTC.
_PATIENCE: Final[dict[str, Any]] = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
# Cursors are read to their end, and so they are planned; PostgreSQL's own way is for the first tenth of the rows.
_SESSION: Final = (
    "-c TimeZone=UTC -c cursor_tuple_fraction=1"
    " -c tcp_keepalives_idle=20 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
)
LOCK_POLL_SECONDS: Final = 0.1
# The lock of a killed process is free within moments, hence some patience by default.
LOCK_PATIENCE_SECONDS = 5.0


def connection_options(url: str, more: str = "") -> dict[str, Any]:
    """What a connection is opened with beside its URL; what the URL itself says counts more."""
    given = conninfo_to_dict(url)
    options = " ".join(part for part in (_SESSION, more, str(given.get("options", ""))) if part)
    return {name: value for name, value in _PATIENCE.items() if name not in given} | {"options": options}


class Database:
    """One session with PostgreSQL, opened when first needed and never silently reopened.

    Locks belong to the session, so a lost connection ends the work: the next command continues it.
    """

    def __init__(self, url: str, *, application: str = "hctap") -> None:
        self.address = address_of(url)
        self._url = url
        self._application = application
        self._connection: Connection | None = None
        self.kept = Kept()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where it is, with the password: for other sessions and for nobody to read."""
        return self._url

    def twin(self) -> "Database":
        """Another session with the same database."""
        return Database(self._url, application=self._application)

    def close(self) -> None:
        """End the session; what was not committed is gone."""
        if self._connection is not None:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction: committed when the block ends, rolled back when it raises.

        Raises:
            StoreUnavailable: If the server is away, full, closed or too busy.
        """
        with translated(self.address):
            connection = self._open()
            with connection.transaction():
                yield connection

    @contextmanager
    def lock(self, name: str, *, busy: str, patience_seconds: float | None = None) -> Iterator[None]:
        """Hold the session's lock on a name, against every other process.

        Raises:
            RunConflict: With `busy` as its message, if another process keeps it longer than the patience.
        """
        deadline = time.monotonic() + (LOCK_PATIENCE_SECONDS if patience_seconds is None else patience_seconds)
        while not self._try_lock(name):
            if time.monotonic() > deadline:
                raise RunConflict(busy, remedy="Wait for it to end, or stop it, and try again.")
            time.sleep(LOCK_POLL_SECONDS)
        try:
            yield
        finally:
            self._unlock(name)

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = psycopg.connect(
                self._url,
                autocommit=True,
                application_name=self._application,
                **connection_options(self._url),
            )
        return self._connection

    def _try_lock(self, name: str) -> bool:
        with self.transaction() as connection:
            row = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (name,)).fetchone()
        return bool(row and row[0])

    def _unlock(self, name: str) -> None:
        # A closed connection has given its locks back already.
        if self._connection is not None and not self._connection.closed:
            with self.transaction() as connection:
                connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (name,))


def copy_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Load rows into a table by COPY."""
    with connection.cursor() as cursor, cursor.copy(_copy_statement(table, columns)) as copy:
        for row in rows:
            copy.write_row(row)


def copy_block(
    connection: Connection, table: str, columns: Sequence[str], block: bytes | bytearray | memoryview
) -> None:
    """Load rows that are rendered in PostgreSQL's text format into a table by COPY."""
    with connection.cursor() as cursor, cursor.copy(_copy_statement(table, columns)) as copy:
        # A slice of it, as which a large block goes out, is no copy then.
        copy.write(memoryview(block))


def _copy_statement(table: str, columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
    )
