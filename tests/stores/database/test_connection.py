import time

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from hctap_core.errors import RunConflict, StoreUnavailable
from hctap_stores.database.connection import Database, connection_options, copy_rows


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    def write(then: Exception | None) -> None:
        with database.transaction() as connection:
            copy_rows(connection, "note_texts", ("content_sha256", "text", "characters"), [("a", "x\t\\\n", 4)])
            if then:
                raise then

    with pytest.raises(KeyError):
        write(KeyError())
    with database.transaction() as connection:
        assert connection.execute("SELECT * FROM note_texts").fetchall() == []
    write(None)
    with database.transaction() as connection:
        assert connection.execute("SELECT * FROM note_texts").fetchall() == [("a", "x\t\\\n", 4)]


def test_a_lock_keeps_other_sessions_off(database: Database, database_url: str) -> None:
    with Database(database_url) as other:
        with database.lock("one", busy="taken"):
            with pytest.raises(RunConflict, match="taken"), other.lock("one", busy="taken", patience_seconds=0):
                pass
            with other.lock("two", busy="taken", patience_seconds=0):
                pass
        with other.lock("one", busy="taken", patience_seconds=0):
            pass


def test_a_lock_ends_with_its_session(database: Database, database_url: str) -> None:
    def use_after_loss(lost: Database) -> None:
        with lost.lock("one", busy="taken"):
            _cut(database, lost)
            with database.lock("one", busy="taken", patience_seconds=5):
                pass
            with lost.transaction() as connection:
                connection.execute("SELECT 1")

    with Database(database_url) as lost, pytest.raises(StoreUnavailable):
        use_after_loss(lost)


def test_a_lost_session_stays_lost(database: Database, database_url: str) -> None:
    lost = Database(database_url)
    _cut(database, lost)
    for _ in range(2):
        begun = time.monotonic()
        with pytest.raises(StoreUnavailable), lost.transaction() as connection:
            connection.execute("SELECT 1")
        assert time.monotonic() - begun < 2
    lost.close()


@pytest.mark.parametrize(
    ("more", "shown"),
    [({}, ("UTC", "0")), ({"options": "-c statement_timeout=7s", "connect_timeout": "3"}, ("UTC", "7s"))],
)
def test_what_the_url_says_counts(database_url: str, more: dict[str, str], shown: tuple[str, str]) -> None:
    with Database(make_conninfo(database_url, **more)) as asked, asked.transaction() as connection:
        found = connection.execute("SELECT current_setting('timezone'), current_setting('statement_timeout')")
        assert found.fetchone() == shown
    assert connection_options(make_conninfo(database_url, **more)).get("connect_timeout") == (None if more else 10)


def test_times_are_utc(database: Database) -> None:
    with database.transaction() as connection:
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)


def _cut(database: Database, other: Database) -> None:
    with other.transaction() as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
    with psycopg.connect(database._url, autocommit=True) as killer:
        assert row
        killer.execute("SELECT pg_terminate_backend(%s, 5000)", row)
