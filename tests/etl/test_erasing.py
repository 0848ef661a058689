"""A note is deleted: no byte of it is left in database or lake, no other note loses anything, and it stays away."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from tests.command_line import Outcome
from tests.etl.test_restoring import contents

from hctap_cli.progress import Meter
from hctap_core.code_reasons import is_of_vocabulary
from hctap_core.deletions import DeletionReason, DeletionState
from hctap_core.errors import NoteNotFound, RunConflict
from hctap_core.exports import ExportForm, ExportOrder, ExportState
from hctap_etl.delivering import deliver_export
from hctap_etl.erasing import clear_lake
from hctap_stores.database import exports, runs
from hctap_stores.database.auditing import Access
from hctap_stores.database.connection import Database
from hctap_stores.database.deletions import find_deletion
from hctap_stores.database.erasing import erase_note
from hctap_stores.lake.lake import Lake

pytestmark = pytest.mark.stack
Call = Callable[..., Outcome]
# Words that stand in the deleted note alone, and that the rules find.
SECRET = "Takes warfarin 5 mg daily. History of gout. Fracture of the left femur. Fracture of the right femur."
SHARED = "Fever and cough. Metformin 500 mg bid."
OTHER = "Denies pain. Fracture of the right femur."
ACCESS = Access(actor="k1", role="admin", address="127.0.0.1", action="note.delete", request_id="r-1", notes=0)


@pytest.fixture
def notes(folder: Path) -> Path:
    source = folder / "notes"
    source.mkdir()
    for name, text in {"a": SHARED, "b": SECRET, "c": SHARED, "d": SHARED, "e": OTHER}.items():
        (source / f"{name}.txt").write_text(text)
    return source


@pytest.fixture(autouse=True)
def nothing_deleted(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(
            "TRUNCATE deletions, uploads, gold_sets, gold_notes, terms, code_lists, listed_codes CASCADE"
        )


def all_rows(database: Database) -> str:
    """Every row of every table but the tombstones, the audit, and the names and codes of rules and vocabularies."""
    with database.transaction() as connection:
        tables = connection.execute(
            """
            SELECT tablename FROM pg_tables
            WHERE schemaname = 'public'
                AND tablename NOT IN ('deletions', 'audit', 'provenances', 'code_lists', 'listed_codes')
            """
        ).fetchall()
        select = sql.SQL("SELECT t::text FROM {} t").format
        return "\n".join(str(row) for (name,) in tables for row in connection.execute(select(sql.Identifier(name))))


def reasons_that_quote(database: Database) -> set[str]:
    """Every reason in lists of codes that may quote a note; all others are words of vocabularies."""
    with database.transaction() as connection:
        rows = connection.execute(
            """
            SELECT codes_no, code->>'reason' FROM code_lists, jsonb_array_elements(codes) AS code
            UNION SELECT codes_no, reason FROM listed_codes
            """
        ).fetchall()
    assert all(is_of_vocabulary(reason) for codes_no, reason in rows if codes_no >= 0)
    return {str(reason) for codes_no, reason in rows if codes_no < 0 and not is_of_vocabulary(reason)}


def holding(lake: Lake, words: str, prefix: str = "") -> list[str]:
    """The keys of the objects of both buckets of which some version holds words."""
    client: Any = lake._client
    held = []
    for bucket in (lake.raw, lake.enriched):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket.name, Prefix=prefix):
            for item in page.get("Versions", ()):
                answer = client.get_object(Bucket=bucket.name, Key=item["Key"], VersionId=item["VersionId"])
                if words.lower().encode() in answer["Body"].read().lower():
                    held.append(item["Key"])
    return held


def found_of(database: Database, run_id: str) -> dict[str, list[str]]:
    from hctap_stores.database import export

    run_no = runs.find_run(database, run_id).run_no
    found = export.read_notes(database, run_no, run_id, ["a", "b", "c", "d", "e"])
    return {note_id: [entity["norm_text"] for entity in one.entities] for note_id, one in found.items()}


def delete(lake: Lake, database: Database, note_id: str) -> None:
    assert erase_note(database, note_id, DeletionReason.CONSENT_WITHDRAWN, ACCESS)
    assert find_deletion(database, note_id).state is DeletionState.ERASING
    clear_lake(lake, database, note_id, 0.2)
    assert find_deletion(database, note_id).state is DeletionState.ERASED


@pytest.mark.parametrize("packed", [False, True])
def test_nothing_is_left_of_a_note_and_it_stays_away(
    hctap: Call, notes: Path, lake: Lake, database: Database, meter: Meter, *, packed: bool
) -> None:
    how = ["--pack"] if packed else []
    assert hctap("import", notes, *how).code == 0
    assert hctap("run", "--extractor", "rules", "--run-id", "ONE").code == 0
    assert hctap("run", "--extractor", "rules", "--run-id", "TWO", "--incremental").code == 0
    export_no = exports.order_export(database, ExportOrder(form=ExportForm.CSV, run_id="ONE"), "k1").export_no
    deliver_export(lake, database, export_no, meter)
    before = found_of(database, "TWO")
    assert "warfarin" in before["b"]
    assert len(holding(lake, "warfarin")) > 5
    assert "warfarin" in all_rows(database)
    assert reasons_that_quote(database) == {"curated; side: left", "curated; side: right"}

    delete(lake, database, "b")

    for word in ("warfarin", "gout", "History of"):
        assert word not in all_rows(database)
        assert holding(lake, word) == []
    # Another note has a fracture of the right femur as well.
    assert reasons_that_quote(database) == {"curated; side: right"}
    del before["b"]
    for run_id in ("ONE", "TWO"):
        assert found_of(database, run_id) == before
        counts = runs.find_run(database, run_id).run.counts
        assert counts.by_reason == {"deleted": 1}
        assert counts.notes == counts.done + counts.duplicates + counts.unchanged + counts.quarantined == 5
    made = exports.find_export(database, export_no)
    assert (made.state, made.files) == (ExportState.FAILED, ())
    assert "start the export again" in str(made.error)
    with database.transaction() as connection:
        kept = connection.execute("SELECT actor, action, note_id, reason FROM audit WHERE note_id = 'b'").fetchall()
    assert kept[-1] == ("k1", "note.delete", "b", "consent_withdrawn")
    assert not erase_note(database, "b", DeletionReason.LEGAL_ORDER, ACCESS)
    assert find_deletion(database, "b").reason is DeletionReason.CONSENT_WITHDRAWN

    # The same folder once more, and the same object by another way: refused by name, and no byte of it is kept.
    assert hctap("import", notes, *how).code == 3
    (notes / "bad.json").write_text(json.dumps({"note_id": "b", "text": SECRET, "specialty": 7}))
    assert hctap("import", notes, *how).code == 3
    lake.raw.write("notes/b.json", b'{"note_id": "b", "text": "' + SECRET.encode() + b'"}')
    assert hctap("run", "--extractor", "rules", "--run-id", "THREE").code == 3
    assert "b" not in found_of(database, "THREE")
    assert "warfarin" not in all_rows(database)
    lake.raw.erase("notes/b.json")
    assert holding(lake, "warfarin") == []


def test_what_stood_for_others_is_inherited(hctap: Call, notes: Path, lake: Lake, database: Database) -> None:
    assert hctap("import", notes).code == 0
    assert hctap("run", "--extractor", "rules", "--run-id", "ONE").code == 0
    (notes / "f.txt").write_text("Asthma.")
    assert hctap("import", notes).code == 0
    assert hctap("run", "--extractor", "rules", "--run-id", "TWO", "--incremental").code == 0
    before = {run_id: found_of(database, run_id) for run_id in ("ONE", "TWO")}
    delete(lake, database, "a")
    for run_id, found in before.items():
        del found["a"]
        assert found_of(database, run_id) == found
    assert holding(lake, '"note_id":"a"', "entities/") == []
    # The text is that of others, and a part of the lake names the note that stands for it now.
    parts = [data for key, data in contents(lake.enriched).items() if key.startswith("entities/")]
    assert any(b'"c"' in data and b"metformin" in data for data in parts)
    assert hctap("lake", "check").code == 0
    delete(lake, database, "c")
    delete(lake, database, "d")
    assert "metformin" not in all_rows(database)
    assert holding(lake, "metformin") == []
    # An incremental run leans on what is left.
    assert hctap("run", "--extractor", "rules", "--run-id", "THREE", "--incremental").code == 0
    assert set(found_of(database, "THREE")) == {"b", "e"}


def test_a_run_that_is_not_finished_goes_on_without_the_note(
    hctap: Call, notes: Path, lake: Lake, database: Database
) -> None:
    assert hctap("import", notes).code == 0
    assert hctap("run", "--extractor", "rules", "--run-id", "ONE").code == 0
    with database.transaction() as connection:
        connection.execute("ALTER TABLE runs DISABLE TRIGGER runs_status")
        connection.execute("UPDATE runs SET status = 'running', finished_at = NULL, published_at = NULL")
        connection.execute("ALTER TABLE runs ENABLE TRIGGER runs_status")
    with pytest.raises(RunConflict, match="ONE"):
        erase_note(database, "a", DeletionReason.WRONG_PATIENT, ACCESS)
    runs.fail_run(database, runs.find_run(database, "ONE").run_no, "stopped")
    delete(lake, database, "a")
    assert hctap("run", "--extractor", "rules", "--resume", "ONE").code == 3
    assert set(found_of(database, "ONE")) == {"b", "c", "d", "e"}
    assert runs.find_run(database, "ONE").run.counts.by_reason == {"deleted": 1}


def test_what_is_not_there_cannot_be_deleted(database: Database) -> None:
    with pytest.raises(NoteNotFound):
        erase_note(database, "nobody", DeletionReason.WRONG_PATIENT, ACCESS)
    with pytest.raises(NoteNotFound):
        find_deletion(database, "nobody")
