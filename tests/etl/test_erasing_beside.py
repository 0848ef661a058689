"""A note is deleted while a redacted run commits one with the same surrogate: whoever is first, nothing is lost."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from hctap_cli.progress import Meter
from hctap_core.deletions import DeletionReason
from hctap_core.notes import note_from_record
from hctap_core.phi import PhiPolicy
from hctap_core.runs import RunStatus
from hctap_core.sources.records import SourceRecord
from hctap_etl.crew import Alone
from hctap_etl.intake import Intake, IntakeOptions
from hctap_etl.running import RunChoice, Runner, commit, plan_run, take_task
from hctap_etl.shards import Findings, Task, work_on
from hctap_nlp.extractors import Extractor
from hctap_nlp.phi.guard import guard
from hctap_stores.database import runs
from hctap_stores.database.auditing import Access
from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.erasing import erase_note
from hctap_stores.database.runs import StoredRun
from hctap_stores.lake.lake import Lake

pytestmark = pytest.mark.stack
PATIENCE_SECONDS = 120.0
# Their surrogates are one text: "Mr. [NAME-1], MRN [MRN-1], has gout."
TEXTS = {"a": "Mr. Smith, MRN 0012345, has gout.", "b": "Mr. Jones, MRN 0098765, has gout."}
WARDS = {"a": "Urology", "b": "Neurology"}
ACCESS = Access(actor="k1", role="admin", address="127.0.0.1", action="note.delete", request_id="r-1", notes=0)


@pytest.fixture
def runner(lake: Lake, database: Database, extractor: Extractor, meter: Meter) -> Runner:
    with database.transaction() as connection:
        connection.execute("TRUNCATE deletions, terms CASCADE")
    notes = [
        note_from_record({"note_id": note_id, "specialty": WARDS[note_id], "text": text})
        for note_id, text in TEXTS.items()
    ]
    Intake(lake.raw, IntakeOptions(source="t")).take([SourceRecord(n.note_id, b"", n) for n in notes], lambda _: None)
    return Runner(lake, database, Alone(guard(extractor, PhiPolicy.REDACT)), meter)


@pytest.fixture
def deleting(database: Database) -> Iterator[Callable[[], "Future[bool]"]]:
    """Delete the note `a` in a thread and a session of its own."""
    with database.twin() as other, ThreadPoolExecutor(1) as pool:
        yield lambda: pool.submit(erase_note, other, "a", DeletionReason.LEGAL_ORDER, ACCESS)


def begin(runner: Runner, note_id: str) -> StoredRun:
    """A run over the ward of one note alone."""
    stored, _ = runner.choose(RunChoice(f"of-{note_id}", must_be_new=True))
    with runner.database.transaction() as connection:
        connection.execute(
            "UPDATE runs SET selection = jsonb_build_object('specialties', jsonb_build_array(%s::text)) "
            "WHERE run_no = %s",
            (WARDS[note_id], stored.run_no),
        )
    return stored


@pytest.fixture
def found(runner: Runner, extractor: Extractor) -> tuple[StoredRun, Task, Findings]:
    """What a run is about to commit of `b`, after another run has finished with `a`."""
    assert runner.work(begin(runner, "a")).run.status is RunStatus.SUCCEEDED
    stored = begin(runner, "b")
    plan_run(runner.lake, runner.database, stored, runner.meter)
    stored = runs.find_run(runner.database, stored.run.run_id)
    task = take_task(runner.database, stored, 0)
    return stored, task, work_on(guard(extractor, PhiPolicy.REDACT), task)


def await_waiting(database: Database, blocking: int, *, unless: "Future[Any]") -> None:
    """Return when a session waits for the one of a process id, or what was to wait has ended."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not unless.done():
        with database.transaction() as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))", (blocking,)
            ).fetchone()
        if row and row[0]:
            return
        assert time.monotonic() < deadline
        time.sleep(0.02)


def check(runner: Runner, run_no: int) -> None:
    """See that `a` is gone, and that `b` has its surrogate, its entities and their words."""
    with runner.database.transaction() as connection:
        ledger = connection.execute(
            "SELECT note_id, state, text FROM run_notes LEFT JOIN note_texts USING (content_sha256) ORDER BY 1"
        ).fetchall()
        words = connection.execute(
            "SELECT norm_text, EXISTS (SELECT FROM terms t WHERE (t.entity_type, t.norm_text) = "
            "(e.entity_type, e.norm_text)) FROM entities e WHERE run_no = %s",
            (run_no,),
        ).fetchall()
        results = connection.execute("SELECT count(*) FROM entities WHERE run_no <> %s", (run_no,)).fetchone()
    assert ledger == [("a", "quarantined", None), ("b", "done", "Mr. [NAME-1], MRN [MRN-1], has gout.")]
    assert words == [("gout", True)]
    assert results == (0,)
    stored = runs.finish_run(runner.database, run_no)
    assert stored.run.counts.entities == 1


def test_a_deletion_waits_for_the_commit(
    runner: Runner, found: tuple[StoredRun, Task, Findings], deleting: Callable[[], "Future[bool]"]
) -> None:
    stored, task, findings = found
    deletion: list[Future[bool]] = []

    def delete(connection: Connection, _: int) -> None:
        deletion.append(deleting())
        with runner.database.twin() as watching:
            await_waiting(watching, connection.info.backend_pid, unless=deletion[0])

    assert commit(runner.lake, runner.database, task, findings, delete)
    assert deletion[0].result(PATIENCE_SECONDS)
    check(runner, stored.run_no)


def test_a_commit_waits_for_the_deletion(
    runner: Runner, found: tuple[StoredRun, Task, Findings], deleting: Callable[[], "Future[bool]"]
) -> None:
    stored, task, findings = found
    with runner.database.twin() as holding, runner.database.twin() as watching, ThreadPoolExecutor(1) as pool:
        with holding.transaction() as connection:
            # The deletion's last step but one: it has deleted all by then, and has not committed.
            connection.execute("LOCK TABLE audit IN SHARE MODE")
            deletion = deleting()
            await_waiting(watching, connection.info.backend_pid, unless=deletion)
            with watching.transaction() as asking:
                row = asking.execute(
                    "SELECT pid FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))",
                    (connection.info.backend_pid,),
                ).fetchone()
            assert row
            committing = pool.submit(commit, runner.lake, runner.database, task, findings)
            await_waiting(watching, row[0], unless=committing)
            assert not committing.done()
        assert deletion.result(PATIENCE_SECONDS)
        assert committing.result(PATIENCE_SECONDS)
    check(runner, stored.run_no)
