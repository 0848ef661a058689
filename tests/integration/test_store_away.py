"""A store that goes away in the middle of a run: it is said, and the next run completes the work."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Outcome
from tests.integration.aftermath import look_at

from hctap_core.notes import note_from_record
from hctap_core.sources.records import SourceRecord
from hctap_embedded.stack import Stack
from hctap_etl import running
from hctap_etl.intake import Intake, IntakeOptions
from hctap_etl.shards import describe_part
from hctap_stores.database import plan, runs
from hctap_stores.database.connection import Database
from hctap_stores.lake.lake import Lake

Call = Callable[..., Outcome]
RUN = ("run", "--extractor", "rules")


@pytest.fixture
def notes(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty notes, three to a shard."""
    monkeypatch.setattr(plan, "MIN_SHARD_BYTES", 600)
    fields = [{"note_id": f"n{place:02}", "specialty": "Any", "text": f"Fever on day {place}."} for place in range(60)]
    records = [SourceRecord("t", b"", note_from_record(record)) for record in fields]
    Intake(lake.raw, IntakeOptions(source="t")).take(records, lambda _: None)


def _kill(stack: Stack, part: str) -> None:
    pid = next(status.pid for status in stack.status() if status.name == part)
    assert pid
    os.kill(pid, signal.SIGKILL)


@pytest.mark.usefixtures("notes")
@pytest.mark.parametrize(("part", "said"), [("postgres", "PostgreSQL"), ("s3", "S3 does not answer")])
def test_a_store_killed_in_the_middle_of_a_run(
    hctap: Call,
    stack: Stack,
    lake: Lake,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    said: str,
) -> None:
    assert hctap(*RUN, "--run-id", "undisturbed").code == 0
    shards = 0

    def kill_at_the_third(*arguments: object) -> object:
        nonlocal shards
        shards += 1
        if shards == 3:
            _kill(stack, part)
        return describe_part(*arguments)  # type: ignore[arg-type]

    try:
        with monkeypatch.context() as patch:
            patch.setattr(running, "describe_part", kill_at_the_third)
            begun = time.monotonic()
            stopped = hctap(*RUN, "--run-id", "R")
            seconds = time.monotonic() - begun
    finally:
        stack.up()
    assert stopped.code == 4, stopped.err
    assert f"error: {said}" in stopped.err
    assert "Traceback" not in stopped.err
    assert seconds < 60

    with Database(database_url) as database:
        left = runs.find_run(database, "R")
        assert (left.run.status, len(runs.list_parts(database, left.run_no))) == ("running", 2)
    completed = hctap(*RUN)
    assert completed.code == 0, completed.err
    assert "Run R was interrupted and is completed now." in completed.err
    with Database(database_url) as database:
        one, two = (look_at(lake, database, run_id) for run_id in ("undisturbed", "R"))
    assert two.exported == one.exported.replace(b'"run_id":"undisturbed"', b'"run_id":"R"')
    assert [row[:2] + row[4:5] for row in two.shards] == [row[:2] + row[4:5] for row in one.shards]
    assert two.ledger == one.ledger
    assert len([key for key in two.objects if key.startswith("entities/run=R/")]) == len(two.shards)


@pytest.mark.usefixtures("notes")
def test_a_connection_cut_in_the_middle_of_a_run(hctap: Call, database: Database, database_url: str) -> None:
    def cut_the_others(*arguments: object) -> object:
        with Database(database_url) as other, other.transaction() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'hctap-etl'"
            )
        return describe_part(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "describe_part", cut_the_others)
        stopped = hctap(*RUN, "--run-id", "R")
    assert (stopped.code, "error: PostgreSQL" in stopped.err) == (4, True)
    assert hctap(*RUN).code == 0
    assert runs.find_run(database, "R").run.counts.done == 60


@pytest.mark.usefixtures("notes")
def test_a_bucket_that_turns_away_writers(hctap: Call, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODY")
    refused = hctap(*RUN, "--run-id", "R")
    assert (refused.code, "error: S3 at" in refused.err, "refuses access" in refused.err) == (4, True, True)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", str(lake.address.access_key_id))
    assert hctap(*RUN, "--run-id", "R").code == 0


def test_an_import_stopped_in_the_middle_goes_on(
    hctap: Call, stack: Stack, lake: Lake, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(40):
        (folder / f"n{place:02}.txt").write_text(f"Fever on day {place}.")
    write, writes = Intake._write, 0

    def kill_at_the_tenth(intake: Intake, task: Any) -> object:
        nonlocal writes
        writes += 1
        if writes == 10:
            _kill(stack, "s3")
        return write(intake, task)

    try:
        with monkeypatch.context() as patch:
            patch.setattr(Intake, "_write", kill_at_the_tenth)
            stopped = hctap("import", folder)
    finally:
        stack.up()
    assert (stopped.code, "error: S3 does not answer" in stopped.err) == (4, True)
    there = len(list(lake.raw.list("notes/")))
    assert 0 < there < 40
    again = hctap("import", folder)
    assert (again.code, f"{40 - there} new notes" in " ".join(again.out.split())) == (0, True)
    assert len(list(lake.raw.list("notes/"))) == 40
