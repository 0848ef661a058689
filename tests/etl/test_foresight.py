"""What PostgreSQL plans with is gathered once for each run: beside its last notes, or after them."""

import pytest
from tests.etl.small_runs import carry_out

from hctap_core.errors import StoreUnavailable
from hctap_core.runs import RunStatus
from hctap_etl import foresight
from hctap_etl.foresight import Foresight
from hctap_etl.running import Runner
from hctap_stores.database import analysis
from hctap_stores.database.connection import Database


@pytest.fixture
def analyzed(monkeypatch: pytest.MonkeyPatch) -> list[Database]:
    """The sessions that analyze, as they do."""
    seen: list[Database] = []
    analyze = analysis.analyze_results

    def watched(database: Database, run_no: int) -> None:
        seen.append(database)
        analyze(database, run_no)

    monkeypatch.setattr(analysis, "analyze_results", watched)
    return seen


def _rows_expected(database: Database, table: str) -> float:
    with database.transaction() as connection:
        row = connection.execute("SELECT reltuples FROM pg_class WHERE relname = %s", (table,)).fetchone()
    assert row
    return float(row[0])


def test_a_small_run_is_analyzed_at_its_end(runner: Runner, analyzed: list[Database]) -> None:
    carry_out(runner, run_id="R")
    assert analyzed == [runner.database]
    assert _rows_expected(runner.database, "entities") > 0


def test_a_large_run_is_analyzed_beside_its_last_notes(
    runner: Runner, analyzed: list[Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foresight, "_LEAST_NOTES", 1)
    stored, _ = carry_out(runner, run_id="R")
    assert stored.run.status is RunStatus.SUCCEEDED
    assert len(analyzed) == 1
    assert analyzed[0] is not runner.database
    assert _rows_expected(runner.database, "entities") > 0


def test_a_run_is_finished_where_that_did_not_work(
    runner: Runner, analyzed: list[Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foresight, "_LEAST_NOTES", 1)
    monkeypatch.setattr(runner.database, "twin", _raise_once(runner.database))
    stored, _ = carry_out(runner, run_id="R")
    assert (stored.run.status, analyzed) == (RunStatus.SUCCEEDED, [runner.database])


def _raise_once(database: Database) -> object:
    """A way to sessions of which the second, after that of the reader, cannot be had."""
    twin = database.twin
    asked = iter(range(1, 100))

    def ask() -> Database:
        if next(asked) == 2:
            raise StoreUnavailable("no more sessions")
        return twin()

    return ask


def test_it_waits_until_few_notes_are_left(runner: Runner, analyzed: list[Database]) -> None:
    with Foresight(runner.database, 1, 8_000) as ahead:
        ahead.note_done(6_999)
        assert not ahead.is_analyzed
        ahead.note_done(1)
        ahead.note_done(1_000)
        assert ahead.is_analyzed
    assert len(analyzed) == 1
