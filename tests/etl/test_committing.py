"""The commit of a shard beside the next one's way into the lake."""

import threading
from typing import Any

import pytest

from hctap_cli.progress import Meter
from hctap_core.errors import PlatformError
from hctap_core.notes import note_from_record
from hctap_core.runs import Part, RunStatus
from hctap_core.sources.records import SourceRecord
from hctap_etl import running
from hctap_etl.crew import Alone
from hctap_etl.intake import Intake, IntakeOptions
from hctap_etl.running import RunChoice, Runner
from hctap_etl.shards import Findings, Task
from hctap_nlp.extractors import Extractor
from hctap_stores.database import plan, results
from hctap_stores.database.connection import Database
from hctap_stores.lake.lake import Lake

TEXTS = ("Fever and cough.", "Denies chest pain.", "Aspirin 81 mg daily.")
TWO_MINUTES = 120


@pytest.fixture
def runner(
    lake: Lake, database: Database, extractor: Extractor, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> Runner:
    notes = [
        note_from_record({"note_id": f"n{number}", "specialty": "Urology", "text": text})
        for number, text in enumerate(TEXTS)
    ]
    Intake(lake.raw, IntakeOptions(source="t")).take([SourceRecord(n.note_id, b"", n) for n in notes], lambda _: None)
    monkeypatch.setattr(plan, "MIN_SHARD_BYTES", 1)
    return Runner(lake, database, Alone(extractor), meter)


def test_the_next_object_is_put_while_a_shard_is_committed(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    lay, commit = running.lay, results.commit_shard
    is_laid, waited = threading.Event(), []

    def lay_and_tell(lake: Lake, task: Task, findings: Findings) -> Part:
        part = lay(lake, task, findings)
        if task.shard == 1:
            is_laid.set()
        return part

    def wait_and_commit(database: Database, run_no: int, shard: int, *rest: Any) -> bool:
        if shard == 0:
            waited.append(is_laid.wait(TWO_MINUTES))
        return commit(database, run_no, shard, *rest)

    monkeypatch.setattr(running, "lay", lay_and_tell)
    monkeypatch.setattr(results, "commit_shard", wait_and_commit)
    stored = runner.work(runner.choose(RunChoice("R"))[0])
    assert (waited, stored.run.status, stored.run.counts.done) == ([True], RunStatus.SUCCEEDED, len(TEXTS))


def test_a_commit_that_is_under_way_ends_before_the_run_does(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    lay, commit = running.lay, results.commit_shard
    is_stopped = threading.Event()

    def lay_or_stop(lake: Lake, task: Task, findings: Findings) -> Part:
        if task.shard == 1:
            is_stopped.set()
            raise PlatformError("stopped")
        return lay(lake, task, findings)

    def wait_and_commit(*given: Any) -> bool:
        is_stopped.wait(TWO_MINUTES)
        return commit(*given)

    stored = runner.choose(RunChoice("R"))[0]
    with monkeypatch.context() as patch:
        patch.setattr(results, "commit_shard", wait_and_commit)
        patch.setattr(running, "lay", lay_or_stop)
        with pytest.raises(PlatformError, match="stopped"):
            runner.work(stored)
    assert results.count_pending(runner.database, stored.run_no) == len(TEXTS) - 1
    assert runner.work(stored).run.counts.done == len(TEXTS)
