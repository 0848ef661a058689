"""The role for reports reads what runs found, and nothing else."""

import psycopg
import pytest

READS = ("runs", "entities", "entity_codes", "entity_attributes", "run_notes", "notes", "evaluations", "run_statistics")
NOT_ITS_OWN = ("note_texts", "note_words", "api_keys", "audit", "uploads", "gold_notes", "review_decisions")


@pytest.fixture
def reader(migrated_url: str) -> psycopg.Connection[tuple[object, ...]]:
    connection = psycopg.connect(migrated_url, autocommit=True)
    connection.execute("SET ROLE hctap_bi")
    return connection


@pytest.mark.parametrize("table", READS)
def test_it_reads_results(reader: psycopg.Connection[tuple[object, ...]], table: str) -> None:
    with reader:
        assert reader.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - a constant


@pytest.mark.parametrize("table", NOT_ITS_OWN)
def test_it_reads_no_text_no_key_and_no_audit(reader: psycopg.Connection[tuple[object, ...]], table: str) -> None:
    with reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - a constant


def test_it_writes_nothing_and_cannot_log_in(reader: psycopg.Connection[tuple[object, ...]]) -> None:
    with reader:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("DELETE FROM entities")
        row = reader.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'hctap_bi'").fetchone()
    assert row == (False,)
