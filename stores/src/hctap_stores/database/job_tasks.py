"""What a worker of the queue can be asked to do."""

from typing import Protocol


class Tasks(Protocol):
    """What a worker does when a job comes; each is called in a thread of its own."""

    def take(self, run_no: int) -> None:
        """Take a run that was ordered: from then on it has this worker's pipeline."""
        ...

    def plan(self, run_no: int) -> None:
        """Plan a run and put its shards into the queue."""
        ...

    def work(self, run_no: int, shard: int) -> None:
        """Work on a shard, and put the finish into the queue after the last."""
        ...

    def let_go(self, run_no: int, shard: int) -> None:
        """Work no more on a shard whose run was cancelled; this one is called in the loop and may not wait."""
        ...

    def finish(self, run_no: int) -> None:
        """Finish a run whose shards are done."""
        ...

    def evaluate(self, run_no: int, gold: str) -> None:
        """Evaluate a run against kept gold, `NAME@VERSION`."""
        ...

    def export(self, export_no: int) -> None:
        """Write an export that was ordered into the lake."""
        ...

    def fail_export(self, export_no: int, error: Exception) -> None:
        """Mark an export as failed: its job has been tried in vain."""
        ...

    def erase(self, note_id: str) -> None:
        """Take what the lake holds of a deleted note out of it."""
        ...

    def compare(self) -> None:
        """Compare the two newest finished runs."""
        ...

    def begin(self) -> None:
        """Begin a run, since it is time to."""
        ...

    def order_due(self) -> None:
        """Order the runs whose time has come by a schedule."""
        ...

    def part(self, run_no: int, shard: int, job_id: int) -> None:
        """Part a shard that keeps killing its workers, or set its only note aside."""
        ...

    def fail(self, run_no: int, error: Exception) -> None:
        """Mark a run as failed: a job of it has been tried in vain."""
        ...
