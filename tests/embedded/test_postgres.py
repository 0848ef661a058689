import os
import subprocess
from pathlib import Path

import pytest

from hctap_core.errors import StorePartUnavailable
from hctap_embedded.credentials import CREDENTIALS
from hctap_embedded.stack import Stack
from hctap_embedded.wheels import postgres_program


def query(url: str, statement: str) -> str:
    psql = [str(postgres_program("psql")), "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement]
    return subprocess.run(psql, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("SHOW server_encoding", "UTF8"),
        ("SHOW listen_addresses", "127.0.0.1"),
        ("SHOW unix_socket_directories", ""),
        ("SHOW fsync", "on"),
        ("SHOW timezone", "UTC"),
        ("SELECT lower('ÄÖÜ') || upper('é')", "äöüÉ"),
        ("SELECT string_agg(w, '' ORDER BY w) FROM unnest('{b,A,a,B,é}'::text[]) AS w", "ABabé"),
        ("SELECT count(*) FROM pg_available_extensions WHERE name IN ('pg_trgm', 'unaccent')", "2"),
        ("SELECT substr(rolpassword, 1, 13) FROM pg_authid WHERE rolname = 'hctap'", "SCRAM-SHA-256"),
    ],
)
def test_the_server_is_as_the_platform_needs_it(database_url: str, statement: str, answer: str) -> None:
    assert query(database_url, statement) == answer


def test_a_wrong_password_is_refused(stack: Stack) -> None:
    url = stack.addresses().database_url
    password = url.partition("://hctap:")[2].partition("@")[0]
    with pytest.raises(subprocess.CalledProcessError):
        query(url.replace(password, "wrong"), "SELECT 1")


def test_no_value_of_a_row_comes_into_the_log(stack: Stack, database_url: str) -> None:
    statements = (
        "CREATE TABLE secrets (word text PRIMARY KEY)",
        "INSERT INTO secrets VALUES ('chlorothymol'), ('chlorothymol')",
        "SELECT 'chlorothymol'::int",
        "SELECT chlorothymol chlorothymol chlorothymol",
    )
    query(database_url, statements[0])
    for statement in statements[1:3]:
        with pytest.raises(subprocess.CalledProcessError):
            query(database_url, statement)
    log = (stack.home / "logs" / "postgres.log").read_text(encoding="utf-8")
    assert "duplicate key value" in log
    assert "STATEMENT" not in log
    assert "DETAIL" not in log


def test_half_a_cluster_is_swept_away_and_a_lost_password_replaced(home: Path) -> None:
    (home / "postgres.new-killed" / "base").mkdir(parents=True)
    stack = Stack(home)
    query(stack.up(["postgres"]).database_url, "CREATE TABLE kept AS SELECT 1 AS one")
    assert not list(home.glob("postgres.new-*"))
    stack.down()
    (home / CREDENTIALS).unlink()
    assert query(stack.up(["postgres"]).database_url, "SELECT one FROM kept") == "1"


def test_a_lock_that_names_a_living_stranger_is_stale(home: Path) -> None:
    stack = Stack(home)
    stack.up(["postgres"])
    stack.down()
    lock = home / "postgres" / "postmaster.pid"
    lock.write_text(f"{os.getppid()}\n{home / 'postgres'}\n1\n1\n\n127.0.0.1\n", encoding="ascii")
    assert query(stack.up(["postgres"]).database_url, "SELECT 1") == "1"


def test_a_folder_that_is_something_else_is_left_alone(home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "diary").write_text("dear", encoding="ascii")
    with pytest.raises(StorePartUnavailable, match="not a PostgreSQL cluster") as caught:
        Stack(home).up(["postgres"])
    assert "Move it away" in (caught.value.remedy or "")
    assert (home / "postgres" / "diary").read_text(encoding="ascii") == "dear"
    assert not list(home.glob("postgres.new-*"))


def test_a_failing_program_is_explained(home: Path) -> None:
    stack = Stack(home)
    stack.up(["postgres"])
    stack.down()
    (home / "postgres" / "PG_VERSION").write_text("9\n", encoding="ascii")
    with pytest.raises(StorePartUnavailable, match="PostgreSQL ended while it started: FATAL") as caught:
        stack.up(["postgres"])
    assert "another PostgreSQL version" in (caught.value.remedy or "")
