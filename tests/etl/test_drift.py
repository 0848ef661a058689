"""Coverage of real runs, their drift against the run before, and freshness."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.command_line import Outcome

from hctap_core.coverage import Coverage
from hctap_stores.database import runs
from hctap_stores.database.connection import Database

Call = Callable[..., Outcome]


def write(folder: Path, first: int, count: int, text: str) -> None:
    for number in range(first, first + count):
        (folder / f"note-{number}.txt").write_text(text.format(number))


def coverage_of(database: Database, run_id: str) -> Coverage:
    coverage = runs.find_run(database, run_id).run.counts.coverage
    assert coverage is not None
    return coverage


@pytest.mark.parametrize("phi", ["off"])
def test_a_silent_failure_shows(hctap: Call, folder: Path, database: Database, phi: str) -> None:
    notes = folder / "notes"
    notes.mkdir()
    write(notes, 0, 24, "ZQV REMARKS:\nDay {}: denies chest pain. Aspirin 81 mg daily.")
    assert hctap("import", notes).code == 0
    told = hctap("run", "--run-id", "R1", "--extractor", "rules", "--phi", phi)
    assert told.code == 0
    first = coverage_of(database, "R1")
    assert (first.texts, first.compared_with, first.changes) == (24, None, ())
    assert first.rates["no_entities"] == 0
    assert first.rates["assertion.negated"] == 0.5
    assert first.rates["per_note.MEDICATION"] == 1
    assert first.rates["uncoded_problems"] == 0
    assert "texts without entities" in told.out
    write(notes, 24, 24, "Day {}: nothing of note.")
    assert hctap("import", notes).code == 0
    told = hctap("run", "--run-id", "R2", "--extractor", "rules", "--phi", phi)
    second = coverage_of(database, "R2")
    assert (second.texts, second.compared_with) == (48, "R1")
    assert {change.measure for change in second.drifts} >= {"no_entities", "per_note.MEDICATION", "per_note.PROBLEM"}
    assert "assertion.negated" not in {change.measure for change in second.drifts}
    assert "Compared with R1" in told.out
    shown = hctap("runs", "show", "R2")
    assert "drift" in shown.out


def test_freshness_has_an_exit_code(hctap: Call, folder: Path, database: Database) -> None:
    none = hctap("runs", "freshness")
    assert (none.code, "No run has succeeded" in none.out) == (3, True)
    (folder / "a.txt").write_text("Fever.")
    hctap("import", folder / "a.txt")
    hctap("run", "--run-id", "R", "--extractor", "rules")
    fresh = hctap("runs", "freshness")
    assert (fresh.code, "fresh:" in fresh.out) == (0, True)
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET finished_at = finished_at - interval '121 minutes'")
    stale = hctap("runs", "freshness")
    assert (stale.code, "stale:" in stale.out) == (3, True)
    assert hctap("runs", "freshness", "--minutes", 200).code == 0
