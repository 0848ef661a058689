import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hctap_core.errors import ExtractorUnavailable, UnknownExtractor
from hctap_embedded.stack import Stack
from hctap_etl import processes
from hctap_etl.bisection import DIED
from hctap_etl.crew import Alone
from hctap_etl.processes import Processes, Worker
from hctap_etl.recipe import Recipe
from hctap_etl.shards import Findings, Task
from hctap_nlp.extractors import Extractor
from hctap_stores.database.rows import LedgerNote


def _tasks(count: int = 6, size: int = 5) -> Iterator[Task]:
    for shard in range(count):
        numbers = range(shard * size, (shard + 1) * size)
        notes = tuple(LedgerNote(f"notes/{n}.json", n, f"n{n}", f"Fever on day {n}. No cough.") for n in numbers)
        yield Task("R", 1, shard, notes, 0)


@pytest.fixture
def crew(stack: Stack, extractor: Extractor) -> Iterator[Processes]:
    assert extractor.name == "rules", "its vocabulary is compiled"
    with Processes(Recipe("rules", stack.home / "vocabulary"), 2) as pool:
        yield pool


def _plain(findings: Findings) -> tuple[Any, ...]:
    ledger = [(entry.object_key, entry.failure, entry.entity_count) for entry in findings.rows.ledger]
    return findings.lines, findings.count, findings.rows.tables, ledger


def _work(crew: Processes | Alone, tasks: Iterator[Task]) -> dict[int, tuple[Any, ...]]:
    return {task.shard: _plain(findings) for task, findings in crew.work(tasks)}


def test_processes_find_what_this_process_finds(crew: Processes, extractor: Extractor) -> None:
    alone = Alone(extractor)
    assert crew.pipeline == alone.pipeline
    assert _work(crew, _tasks()) == _work(alone, _tasks())
    assert len(_work(crew, _tasks(3))) == 3


def test_a_worker_that_is_killed_costs_nothing(
    crew: Processes, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = Worker.do
    killed: list[int] = []

    def kill_and_do(worker: Worker, task: Task) -> Findings:
        if task.shard == 2 and not killed:
            killed.append(worker.pid)
            os.kill(worker.pid, signal.SIGKILL)
        return do(worker, task)

    monkeypatch.setattr(Worker, "do", kill_and_do)
    assert _work(crew, _tasks()) == _work(Alone(extractor), _tasks())
    assert len(killed) == 1


def test_a_note_that_kills_its_worker_is_set_aside_alone(
    crew: Processes, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = Worker.do

    def kill_at_poison(worker: Worker, task: Task) -> Findings:
        if any(note.note_id == "n13" for note in task.notes):
            os.kill(worker.pid, signal.SIGKILL)
        return do(worker, task)

    monkeypatch.setattr(Worker, "do", kill_at_poison)
    found, whole = _work(crew, _tasks()), _work(Alone(extractor), _tasks())
    assert {shard: found[shard] for shard in found if shard != 2} == {s: whole[s] for s in whole if s != 2}
    assert [entry[:2] for entry in found[2][3]] == [
        (f"notes/{n}.json", DIED if n == 13 else None) for n in range(10, 15)
    ]
    lines = whole[2][0].splitlines(keepends=True)
    assert found[2][0] == b"".join(line for line in lines if b'"note_id":"n13"' not in line)


def test_a_worker_that_never_answers_is_ended(crew: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE_SECONDS", 0.3)
    do = Worker.do

    def stop_at_poison(worker: Worker, task: Task) -> Findings:
        if any(note.note_id == "n1" for note in task.notes):
            os.kill(worker.pid, signal.SIGSTOP)
        return do(worker, task)

    monkeypatch.setattr(Worker, "do", stop_at_poison)
    ((_, findings),) = crew.work(_tasks(1, 2))
    assert [entry.failure for entry in findings.rows.ledger] == [None, DIED]


def test_who_stops_reading_stops_the_workers(crew: Processes) -> None:
    working = crew.work(_tasks(10_000))
    next(working)
    begun = time.monotonic()
    working.close()
    assert time.monotonic() - begun < 5
    assert len(list(crew.work(_tasks(2)))) == 2


def test_an_extractor_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    with Processes(Recipe("magic", tmp_path), 1) as crew, pytest.raises(UnknownExtractor, match="magic") as caught:
        list(crew.work(_tasks(1)))
    assert caught.value.remedy


def test_a_pool_whose_first_process_is_killed_says_so(crew: Processes) -> None:
    assert crew.pipeline.extractor == "rules"
    assert crew._nursery is not None
    crew._nursery.process.kill()
    crew._nursery.process.wait()
    with pytest.raises(ExtractorUnavailable, match="has ended"):
        list(crew.work(_tasks(1)))


def test_progress_of_a_preparation_is_passed_on(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    stages: list[tuple[str, int, int]] = []
    with Processes(Recipe("rules", stack.home / "vocabulary"), 1, lambda *stage: stages.append(stage)) as crew:
        assert crew._nursery is not None
        heard = iter([("titles", 0, 2), ("names", 1, 2)])
        hear = crew._nursery.hear
        monkeypatch.setattr(crew._nursery, "hear", lambda: next(heard, None) or hear())
        assert len(_work(crew, _tasks(1))) == 1
    assert stages[:2] == [("titles", 0, 2), ("names", 1, 2)]


def test_a_lazy_crew_foresees_its_pipeline_and_starts_when_there_is_work(stack: Stack, extractor: Extractor) -> None:
    alone = Alone(extractor)
    with Processes(Recipe("rules", stack.home / "vocabulary"), 1, is_lazy=True) as crew:
        assert crew.pipeline == alone.pipeline
        assert crew._nursery is None
        assert _work(crew, _tasks(2)) == _work(alone, _tasks(2))
        assert crew._nursery is not None


def test_an_engine_that_is_changed_meanwhile_does_not_work(stack: Stack, extractor: Extractor) -> None:
    with Processes(Recipe("rules", stack.home / "vocabulary"), 1, is_lazy=True) as crew:
        crew.pipeline = Alone(extractor).pipeline.model_copy(update={"vocabulary": "of another day"})
        with pytest.raises(ExtractorUnavailable, match="was changed"):
            list(crew.work(_tasks(1)))
