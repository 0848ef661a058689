"""Deletions that a backup does not know of are done again, from the tombstones that the lake keeps."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.command_line import Outcome
from tests.etl.small_runs import bring_in, carry_out
from tests.etl.test_erasing import ACCESS, all_rows, holding

from hctap_cli.progress import Meter
from hctap_core.deletions import DeletionReason, DeletionState, Tombstone
from hctap_core.errors import MigrationNeeded
from hctap_etl.crew import Alone
from hctap_etl.erasing import clear_lake, write_tombstone
from hctap_etl.reapplying import Reapplied, read_tombstones, reapply
from hctap_etl.restoring import Kind, compare, restore
from hctap_etl.running import Runner
from hctap_nlp.extractors import Extractor
from hctap_stores.database import revisions, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.deletions import find_deletion, find_tombstone
from hctap_stores.database.erasing import erase_note
from hctap_stores.lake.keys import tombstone_key
from hctap_stores.lake.lake import Lake

pytestmark = pytest.mark.stack
SECRET = "Takes warfarin 5 mg daily. History of gout."
TEXTS = {"a": "Fever and cough. Metformin 500 mg bid.", "b": SECRET, "c": "Denies chest pain."}


@pytest.fixture
def urls(new_database: Callable[[], str]) -> Iterator[tuple[str, str]]:
    """A database, and where a copy of it goes."""
    one = new_database()
    revisions.upgrade(one)
    backup = f"{one.rpartition('/')[0]}/backup_{uuid.uuid4().hex[:12]}"
    yield one, backup
    _administer(one, "DROP DATABASE IF EXISTS {} WITH (FORCE)", backup)


def _administer(url: str, command: str, *names: str) -> None:
    given = [sql.Identifier(name.rpartition("/")[2]) for name in names]
    with psycopg.connect(f"{url.rpartition('/')[0]}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL(command).format(*given))


def _delete(lake: Lake, database: Database, note_id: str) -> None:
    assert erase_note(database, note_id, DeletionReason.CONSENT_WITHDRAWN, ACCESS)
    clear_lake(lake, database, note_id, 0.2)


@pytest.fixture
def deleted(urls: tuple[str, str], lake: Lake, extractor: Extractor, meter: Meter) -> tuple[str, str]:
    """A backup with a run over three notes, after which one was deleted, and one that had come meanwhile."""
    now, backup = urls
    with Database(now) as database:
        bring_in(lake, TEXTS)
        carry_out(Runner(lake, database, Alone(extractor), meter), run_id="ONE")
    _administer(now, "CREATE DATABASE {} TEMPLATE {}", backup, now)
    with Database(now) as database:
        _delete(lake, database, "b")
        bring_in(lake, {"late": "Asthma, on warfarin."})
        carry_out(Runner(lake, database, Alone(extractor), meter), run_id="TWO")
        _delete(lake, database, "late")
        assert holding(lake, "warfarin") == []
        assert "warfarin" not in all_rows(database)
    return now, backup


def test_a_restored_database_forgets_again_what_was_deleted_after_its_backup(
    deleted: tuple[str, str], lake: Lake, meter: Meter
) -> None:
    now, backup = deleted
    with Database(now) as database:
        before = find_deletion(database, "b")
    with Database(backup) as database:
        assert "warfarin" in all_rows(database), "the backup is older than the deletion"

        assert reapply(lake, database, meter, 0.2) == Reapplied(known=2, forgotten=2)

        for word in ("warfarin", "gout", "History of"):
            assert word not in all_rows(database)
            assert holding(lake, word) == []
        again = find_deletion(database, "b")
        assert (again.reason, again.deleted_by, again.deleted_at) == (
            before.reason, before.deleted_by, before.deleted_at,
        )  # fmt: skip
        assert again.state is DeletionState.ERASED
        assert find_deletion(database, "late").state is DeletionState.ERASED
        counts = runs.find_run(database, "ONE").run.counts
        assert (counts.notes, counts.done, counts.by_reason) == (3, 2, {"deleted": 1})
        assert not [missing for missing in compare(lake, database).missing if missing.kind is not Kind.BATCH]
        with database.transaction() as connection:
            rows = connection.execute("SELECT actor, action, note_id FROM audit ORDER BY audit_no").fetchall()
        assert rows == [("k1", "note.delete.again", "b")]
        assert reapply(lake, database, meter, 0.2) == Reapplied(known=2, forgotten=0)

        found = lake.enriched.read(tombstone_key("b"))
        assert found
        assert b"notes/b.json" in found.data
        assert not [word for word in SECRET.lower().split() if len(word) > 3 and word.encode() in found.data.lower()]
        lake.enriched.write(tombstone_key("b"), b'{"schema_version": 2}')
        with pytest.raises(MigrationNeeded):
            reapply(lake, database, meter, 0.2)


def test_a_lake_out_of_a_copy_is_cleared_again(deleted: tuple[str, str], lake: Lake, meter: Meter) -> None:
    now, _ = deleted
    with Database(now) as database:
        tombstone = find_tombstone(database, "b")
        assert tombstone.parts
        # What a copy in another region holds, which does not follow deletions.
        lake.raw.write("notes/b.json", b'{"note_id": "b", "text": "' + SECRET.encode() + b'"}')
        for key in tombstone.parts:
            lake.enriched.write(key, b'{"note_id": "b", "text": "warfarin"}\n')

        assert reapply(lake, database, meter, 0.2) == Reapplied(known=2, forgotten=0)
        assert holding(lake, "warfarin") == []

        # Of deletions that were done before tombstones were kept, the ledger says where they lay.
        with database.transaction() as connection:
            connection.execute("UPDATE deletions SET remains = '{}'")
        for tombstone in list(read_tombstones(lake.enriched)):
            lake.enriched.erase(tombstone_key(tombstone.note_id))
        lake.raw.write("notes/b.json", b'{"note_id": "b", "text": "' + SECRET.encode() + b'"}')
        assert {missing.kind for missing in compare(lake, database).missing} == {Kind.TOMBSTONE}
        assert restore(lake, database, meter).gone == []
        assert [tombstone.note_id for tombstone in read_tombstones(lake.enriched)] == ["b", "late"]

        reapply(lake, database, meter, 0.2)

        assert find_tombstone(database, "b").raw == ("notes/b.json",)
    assert holding(lake, "warfarin") == []


def test_a_note_that_a_run_is_working_on_waits_and_is_named(deleted: tuple[str, str], lake: Lake, meter: Meter) -> None:
    _, backup = deleted
    with Database(backup) as database:
        with database.transaction() as connection:
            connection.execute("ALTER TABLE runs DISABLE TRIGGER runs_status")
            connection.execute("UPDATE runs SET status = 'running', finished_at = NULL, published_at = NULL")
            connection.execute("TRUNCATE run_statistics")  # It has none before its end.
        assert reapply(lake, database, meter, 0.2) == Reapplied(known=2, forgotten=1, busy=("b",))
        runs.fail_run(database, runs.find_run(database, "ONE").run_no, "stopped")
        assert reapply(lake, database, meter, 0.2) == Reapplied(known=2, forgotten=1)
        assert "warfarin" not in all_rows(database)


def test_the_command_says_what_it_did(hctap: Callable[..., Outcome], folder: Path, lake: Lake) -> None:
    told = Tombstone(
        note_id="n", reason=DeletionReason.LEGAL_ORDER, deleted_by="k1", deleted_at=datetime(2026, 1, 2, tzinfo=UTC)
    )
    write_tombstone(lake.enriched, told)
    lake.raw.write("notes/n.json", b'{"note_id": "n", "text": "Asthma."}')
    said = hctap("lake", "reapply-deletions")
    assert said.code == 0
    assert "1 notes are known as deleted; the database had forgotten 1 of them." in said.out
    assert holding(lake, "asthma") == []
    (folder / "n.txt").write_text("Asthma.")
    assert hctap("import", folder / "n.txt").code == 3
