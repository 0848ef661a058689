from collections.abc import Callable

import pytest

from hctap_etl.bisection import DIED, TRIES, WorkerDied, work_or_bisect
from hctap_etl.shards import Findings, Task, give_up
from hctap_stores.database.rows import TABLES, LedgerEntry, LedgerNote, Rows

NOTES = tuple(LedgerNote(f"notes/{place:02}.json", place, f"n{place:02}", "Fever.") for place in range(11))
TASK = Task("R", 1, 0, NOTES, 0)


def _worker(poison: set[int], seen: list[int]) -> Callable[[Task], Findings]:
    def work(task: Task) -> Findings:
        seen.append(len(task.notes))
        if poison & {note.note_no for note in task.notes}:
            raise WorkerDied
        ledger = tuple(LedgerEntry(note.object_key, None, 1, 10) for note in task.notes)
        lines = b"".join(note.note_id.encode() + b"\n" for note in task.notes)
        return Findings(lines, len(task.notes), Rows(ledger, (lines, *(b"" for _ in range(1, len(TABLES)))), {}))

    return work


@pytest.mark.parametrize("poison", [set(), {0}, {10}, {5}, {4, 5}, {0, 3, 10}, set(range(11))], ids=str)
def test_the_notes_that_kill_are_found_alone(poison: set[int]) -> None:
    seen: list[int] = []
    findings = work_or_bisect(TASK, _worker(poison, seen))
    healthy = [note.note_id for note in NOTES if note.note_no not in poison]
    assert bytes(findings.lines).decode().split() == healthy
    assert findings.count == len(healthy)
    assert [entry.object_key for entry in findings.rows.ledger] == [note.object_key for note in NOTES]
    assert {place for place, entry in enumerate(findings.rows.ledger) if entry.failure == DIED} == poison
    # Each note that kills is tried alone as often as a whole shard is: it may have been another's fault.
    assert seen.count(1) >= TRIES * len(poison)


def test_a_shard_whose_worker_died_once_is_done_at_the_second_try() -> None:
    tries = 0

    def work(task: Task) -> Findings:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise WorkerDied
        return give_up(task, "reached")

    findings = work_or_bisect(TASK, work)
    assert (tries, len(findings.rows.ledger)) == (2, 11)
