"""A task whose notes may kill who works on it: tried again, then halved until the note that kills is alone."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from hctap_etl.shards import Findings, Task, give_up, join_findings

log = logging.getLogger(__name__)

# A whole shard and a single note get a second try: a machine short of memory may have killed an innocent worker.
TRIES: Final = 2
DIED: Final = "WorkerDied"


class WorkerDied(Exception):
    """A worker ended, or had to be ended, in the middle of a task."""


def work_or_bisect(task: Task, work: Callable[[Task], Findings]) -> Findings:
    """The findings of a task; a note that kills its worker even alone is given up, the others are not."""
    for _ in range(TRIES):
        with suppress(WorkerDied):
            return work(task)
    return _halve(task, work)


def _halve(task: Task, work: Callable[[Task], Findings]) -> Findings:
    middle = len(task.notes) // 2
    if middle == 0:
        for note in task.notes:
            log.error("note_kills_worker", extra={"run_id": task.run_id, "shard": task.shard, "note_id": note.note_id})
        return give_up(task, DIED)
    halves = (replace(task, notes=task.notes[:middle]), replace(task, notes=task.notes[middle:]))
    return join_findings(_work_on_half(half, work) for half in halves)


def _work_on_half(half: Task, work: Callable[[Task], Findings]) -> Findings:
    if len(half.notes) == 1:
        return work_or_bisect(half, work)
    try:
        return work(half)
    except WorkerDied:
        return _halve(half, work)
