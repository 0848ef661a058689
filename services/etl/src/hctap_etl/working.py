"""What a worker does with the jobs of the queue: plan a run, work on a shard, finish, begin one by schedule."""

import logging
from dataclasses import dataclass
from pathlib import Path

from hctap_cli.progress import Meter
from hctap_core.coverage import DRIFT_THRESHOLD
from hctap_core.errors import RunConflict
from hctap_core.golds import GOLD_SCHEME
from hctap_core.runs import RunStatus, new_run_id
from hctap_etl.bisection import DIED
from hctap_etl.delivering import deliver_export
from hctap_etl.erasing import clear_lake
from hctap_etl.evaluating import evaluate_run
from hctap_etl.finishing import finish_run
from hctap_etl.lineage.events import run_aborted, run_failed, run_started
from hctap_etl.lineage.telling import Lineage, message_of
from hctap_etl.processes import Processes
from hctap_etl.running import commit, plan_run, take_task
from hctap_etl.shards import give_up
from hctap_etl.shift import ShiftOver
from hctap_stores.database import exports, orders, queue, results, runs, schedules
from hctap_stores.database.connection import Database
from hctap_stores.database.holding import hold_run
from hctap_stores.database.search.kept_comparisons import compare_newest
from hctap_stores.lake.lake import Lake

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueueWork:
    """The tasks of a worker; each has a session of its own with the database, for jobs come side by side."""

    lake: Lake
    database: Database
    crew: Processes
    meter: Meter
    lineage: Lineage
    drift_threshold: float = DRIFT_THRESHOLD

    def take(self, run_no: int) -> None:
        """Give an ordered run this worker's pipeline; another one may have been faster."""
        with self.database.twin() as database:
            is_taken = orders.take_run(database, run_no, self.crew.pipeline)
            log.info("run_taken", extra={"count": run_no, "done": is_taken})

    def plan(self, run_no: int) -> None:
        """Plan a run and put its shards into the queue, in one transaction."""
        with self.database.twin() as database:
            stored = queue.find_run_by_number(database, run_no)
            if stored.run.status is RunStatus.QUEUED:
                plan_run(self.lake, database, stored, self.meter, queue.defer_shards)
                self.lineage.tell(run_started(queue.find_run_by_number(database, run_no).run))

    def work(self, run_no: int, shard: int) -> None:
        """Work on a shard; what another process has done meanwhile is left, and a cancelled run is let be.

        Raises:
            RunConflict: If the shard is let go meanwhile.
        """
        with self.database.twin() as database:
            stored = queue.find_run_by_number(database, run_no)
            if stored.run.status is not RunStatus.RUNNING:
                return
            task = take_task(database, stored, shard)
            if not task.notes:
                return
            try:
                findings = self.crew.work_one(task)
            except ShiftOver:
                log.info("shard_let_go", extra={"run_id": task.run_id, "shard": shard})
                self._tell_if_cancelled(database, run_no)
                # Nobody hears it, but where the run goes on already: then this shard is tried again.
                raise RunConflict(f"The run {task.run_id} was cancelled.") from None
            is_taken = commit(self.lake, database, task, findings, queue.defer_finish_after)
            log.info("shard_done", extra={"run_id": task.run_id, "shard": shard, "done": is_taken})
            if not is_taken:
                self._tell_if_cancelled(database, run_no)

    def let_go(self, run_no: int, shard: int) -> None:
        """End the process that works on a shard of a cancelled run."""
        self.crew.let_go(run_no, shard)

    def finish(self, run_no: int) -> None:
        """Finish a run whose shards are done; a second time changes nothing."""
        with self.database.twin() as database:
            stored = queue.find_run_by_number(database, run_no)
            run_id = stored.run.run_id
            with hold_run(database, run_id):
                if results.count_pending(database, run_no) == 0:
                    finish_run(self.lake, database, runs.find_run(database, run_id), self.lineage, self.drift_threshold)

    def evaluate(self, run_no: int, gold: str) -> None:
        """Evaluate a run against gold that is kept."""
        with self.database.twin() as database:
            stored = queue.find_run_by_number(database, run_no)
            evaluate_run(self.lake, database, stored.run.run_id, Path(f"{GOLD_SCHEME}{gold}"))

    def export(self, export_no: int) -> None:
        """Write an export that was ordered into the lake."""
        with self.database.twin() as database:
            deliver_export(self.lake, database, export_no, self.meter, self.lineage)

    def fail_export(self, export_no: int, error: Exception) -> None:
        """Mark an export as failed."""
        with self.database.twin() as database:
            exports.fail_export(database, export_no, message_of(error))

    def erase(self, note_id: str) -> None:
        """Take what the lake holds of a deleted note out of it."""
        with self.database.twin() as database:
            clear_lake(self.lake, database, note_id, self.drift_threshold)

    def compare(self) -> None:
        """Count what changed between the two newest runs, before somebody looks."""
        with self.database.twin() as database:
            pair = compare_newest(database)
            log.info("runs_compared", extra={"done": pair is not None})

    def begin(self) -> None:
        """Begin an incremental run, unless one of this pipeline is under way; what a crash left of one goes on."""
        pipeline = self.crew.pipeline
        with self.database.twin() as database:
            interrupted = runs.find_interrupted_run(database, pipeline.hash)
            if interrupted is None:
                queue.defer_run(database, new_run_id(pipeline.extractor), pipeline, is_incremental=True)
            else:
                # Nobody else may look after it: no run would ever begin again.
                orders.resume_run(database, interrupted.run.run_id)

    def order_due(self) -> None:
        """Order the runs whose time has come by a schedule, whatever their extractor."""
        with self.database.twin() as database:
            schedules.order_due(database)

    def part(self, run_no: int, shard: int, job_id: int) -> None:
        """Part a shard that keeps killing its workers; its only note is set aside."""
        with self.database.twin() as database:
            if queue.split_shard(database, run_no, shard, job_id):
                return
            stored = queue.find_run_by_number(database, run_no)
            task = take_task(database, stored, shard)
            log.error("note_kills_worker", extra={"run_id": stored.run.run_id, "shard": shard})
            commit(self.lake, database, task, give_up(task, DIED), queue.defer_finish_after)

    def fail(self, run_no: int, error: Exception) -> None:
        """Mark a run as failed."""
        with self.database.twin() as database:
            runs.fail_run(database, run_no, message_of(error))
            self.lineage.tell(run_failed(queue.find_run_by_number(database, run_no).run, error))

    def _tell_if_cancelled(self, database: Database, run_no: int) -> None:
        run = queue.find_run_by_number(database, run_no).run
        if run.status is RunStatus.CANCELLED:
            self.lineage.tell(run_aborted(run))
