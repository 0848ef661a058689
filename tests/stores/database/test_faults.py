import re
from typing import LiteralString

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from hctap_core.errors import MigrationNeeded, PlatformError, SettingsInvalid, StoreUnavailable
from hctap_stores.database.connection import Database
from hctap_stores.database.faults import address_of

SECRET = "Mrs. Miller has gout"


def _ask(url: str, statement: LiteralString = "SELECT 1") -> None:
    with Database(url) as database, database.transaction() as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "wrong"}, "refuses the user or the password"),
        ({"user": "nobody_at_all"}, "refuses the user or the password"),
        ({"dbname": "not_there"}, "has no such database"),
        ({"port": "1"}, "does not answer"),
        ({"host": "/nowhere"}, "does not answer"),
    ],
)
def test_a_closed_door_is_named_with_its_remedy(database_url: str, change: dict[str, str], said: str) -> None:
    with pytest.raises(StoreUnavailable, match=said) as caught:
        _ask(make_conninfo(database_url, **change))
    assert caught.value.remedy
    assert str(conninfo_to_dict(database_url)["password"]) not in str(caught.value)


@pytest.mark.parametrize(
    ("state", "kind", "said"),
    [
        ("53100", StoreUnavailable, "disk of PostgreSQL .* is full"),
        ("53200", StoreUnavailable, "out of memory"),
        ("53300", StoreUnavailable, "no connection left"),
        ("25006", StoreUnavailable, "read-only"),
        ("57P01", StoreUnavailable, "going down or coming up"),
        ("57014", StoreUnavailable, "took too long"),
        ("55P03", StoreUnavailable, "did not give a lock"),
        ("40P01", StoreUnavailable, "waited for each other"),
        ("42501", StoreUnavailable, "may not do this"),
        ("58030", StoreUnavailable, "trouble with its disk"),
        ("XX001", StoreUnavailable, "internal error"),
        ("42P01", MigrationNeeded, "db upgrade"),
        ("23505", PlatformError, "refused a statement .*23505"),
        ("22021", PlatformError, "refused a statement .*22021"),
    ],
)
def test_what_the_server_says_is_told_without_its_words(
    database_url: str, state: str, kind: type[PlatformError], said: str
) -> None:
    raising = f"DO $$ BEGIN RAISE EXCEPTION '{SECRET}' USING ERRCODE = '{state}', DETAIL = '{SECRET}'; END $$"
    with Database(database_url) as database, pytest.raises(kind, match=said) as caught, database.transaction() as one:
        one.execute(raising.encode())
    assert type(caught.value) is kind
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_row_never_stands_in_an_error(database_url: str) -> None:
    def write_twice(database: Database) -> None:
        with database.transaction() as connection:
            connection.execute("CREATE TEMP TABLE t (text text UNIQUE)")
            connection.execute("INSERT INTO t VALUES (%s), (%s)", (SECRET, SECRET))

    with Database(database_url) as database, pytest.raises(PlatformError) as caught:
        write_twice(database)
    assert SECRET not in repr(caught.value)


def test_an_address_hides_user_and_password() -> None:
    assert address_of("postgresql://me:secret@db.example:5433/notes") == "db.example:5433/notes"


@pytest.mark.parametrize("url", ["no connection string", "postgresql://user:50%-off@host/x"])
def test_nonsense_is_no_connection_string(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="HCTAP_DATABASE_URL") as caught:
        Database(url)
    assert not re.search(re.escape(url), str(caught.value))
