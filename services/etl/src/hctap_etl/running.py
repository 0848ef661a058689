"""A run from plan to manifest, new or continued after whatever stopped it."""

import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Final, Protocol

from hctap_cli.progress import Meter
from hctap_core.coverage import DRIFT_THRESHOLD
from hctap_core.errors import BadInput, PlatformError, RunConflict, RunNotFound
from hctap_core.runs import FINISHED, Part, Pipeline, Run, RunStatus, is_valid_run_id, new_run_id
from hctap_etl.cataloguing import CATALOGUE_BUSY, CATALOGUE_SECONDS, update_catalogue
from hctap_etl.crew import Crew
from hctap_etl.finishing import finish_run
from hctap_etl.foresight import Foresight
from hctap_etl.lineage.telling import Lineage, message_of
from hctap_etl.outlines import OutlineFile
from hctap_etl.products.growing import Growing
from hctap_etl.products.producing import make_entities
from hctap_etl.remembering import remember
from hctap_etl.shards import Findings, Task, describe_part
from hctap_stores.database import orders, queue, results, runs
from hctap_stores.database.catalogue import CATALOGUE_LOCK
from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.holding import hold_run
from hctap_stores.database.plan import write_plan
from hctap_stores.database.rows import Rows
from hctap_stores.database.runs import StoredRun
from hctap_stores.lake.bucket import map_in_threads
from hctap_stores.lake.lake import Lake

log = logging.getLogger(__name__)

Then = Callable[[Connection, int], None]


class Enter(Protocol):
    """Enters a new run in the database."""

    def __call__(self, database: Database, run_id: str, pipeline: Pipeline, *, is_incremental: bool) -> StoredRun:
        """The run as it is then."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """How a run comes into the database: a new one, and one that was over and is to go on."""

    enter: Enter
    reopen: Callable[[Database, str], StoredRun]


# With jobs for the workers, or without.
QUEUED: Final = Entry(queue.defer_run, orders.resume_run)
DIRECT: Final = Entry(runs.create_run, runs.reopen_run)


class Beginning(StrEnum):
    """How a run was begun."""

    NEW = "new"
    CONTINUED = "continued"
    FINISHED_BEFORE = "finished before"


@dataclass(frozen=True, slots=True)
class RunChoice:
    """Which run is wanted: one by id, the interrupted one (`must_resume`), a new one (`must_be_new`), or any.

    A run that is begun `is_incremental` carries over what the last one found in unchanged notes.
    """

    run_id: str | None = None
    must_resume: bool = False
    must_be_new: bool = False
    is_incremental: bool = False


@dataclass(frozen=True, slots=True)
class Runner:
    """All that a run needs."""

    lake: Lake
    database: Database
    crew: Crew
    meter: Meter
    lineage: Lineage = field(default_factory=Lineage)
    drift_threshold: float = DRIFT_THRESHOLD

    def choose(self, choice: RunChoice, entry: Entry = DIRECT) -> tuple[StoredRun, Beginning]:
        """The run that is wanted, entered in the database if it is a new one, and how it begins.

        Raises:
            RunConflict: If the id belongs to a run of another pipeline, or to one that is over without a result.
            RunNotFound: If there is nothing to resume.
        """
        pipeline = self.crew.pipeline
        stored = self._find(choice, pipeline)
        if stored is None:
            run_id = choice.run_id or self._free_run_id()
            stored = entry.enter(self.database, run_id, pipeline, is_incremental=choice.is_incremental)
            beginning = Beginning.NEW
        else:
            is_done = stored.run.status in FINISHED and stored.is_published
            beginning = Beginning.FINISHED_BEFORE if is_done else Beginning.CONTINUED
        if stored.run.pipeline_hash != pipeline.hash:
            raise RunConflict(
                f"The run {stored.run.run_id} was begun with another pipeline (code, vocabulary or extractor).",
                remedy="Give the new run another id.",
            )
        return self._reopened(stored, choice, entry), beginning

    def work(self, stored: StoredRun) -> StoredRun:
        """Bring a run to its end and give it as it is then; what is done already is not done again.

        Raises:
            RunConflict: If another process works on it.
            StoreUnavailable: If a store goes away; given again, the run continues.
        """
        run_id = stored.run.run_id
        with hold_run(self.database, run_id):
            try:
                return self._work(runs.find_run(self.database, run_id))
            except Exception as error:
                self._note_error(stored, error)
                raise

    def _reopened(self, stored: StoredRun, choice: RunChoice, entry: Entry) -> StoredRun:
        run_id, status = stored.run.run_id, stored.run.status
        if status not in {RunStatus.CANCELLED, RunStatus.FAILED}:
            return stored
        if choice.must_resume:
            return entry.reopen(self.database, run_id)
        raise RunConflict(
            f"The run {run_id} is {status.value}.",
            remedy=f"Continue it with `hctap-etl run --resume {run_id}`, or give the new run another id.",
        )

    def _find(self, choice: RunChoice, pipeline: Pipeline) -> StoredRun | None:
        if choice.run_id is not None:
            if not is_valid_run_id(choice.run_id):
                raise BadInput(
                    "A run id has 1 to 64 of letters, digits, '.', '_' and '-', and begins with a letter or digit.",
                    remedy="Choose another.",
                )
            try:
                return runs.find_run(self.database, choice.run_id)
            except RunNotFound:
                return None
        if choice.must_be_new:
            return None
        found = runs.find_interrupted_run(self.database, pipeline.hash)
        if found is None and choice.must_resume:
            return self._latest_of(pipeline)
        return found

    def _latest_of(self, pipeline: Pipeline) -> StoredRun:
        try:
            latest = runs.find_run(self.database, "latest")
        except RunNotFound:
            latest = None
        if latest is None or latest.run.pipeline_hash != pipeline.hash:
            raise RunNotFound("There is no run to resume.", remedy="Begin one with `hctap-etl run`.")
        return latest

    def _free_run_id(self) -> str:
        # Ids have the time in seconds: two runs begun within one second must not share theirs.
        while True:
            run_id = new_run_id(self.crew.pipeline.extractor)
            try:
                runs.find_run(self.database, run_id)
            except RunNotFound:
                return run_id
            time.sleep(0.2)

    def _work(self, stored: StoredRun) -> StoredRun:
        with OutlineFile() as outlines, Growing(partial(make_entities, self.lake, outlines=outlines)) as growing:
            with ThreadPoolExecutor(1, thread_name_prefix="hctap-lineage") as pool:
                # What events and silver are made of takes as long to import as PostgreSQL takes to plan.
                telling = pool.submit(self._tell_started, stored.run)
                if stored.run.status is RunStatus.QUEUED:
                    if not stored.run.is_incremental:
                        growing.begin()
                    plan_run(self.lake, self.database, stored, self.meter)
                telling.result()
            is_analyzed = stored.run.status not in FINISHED and self._extract(stored, outlines, growing)
            stored = runs.find_run(self.database, stored.run.run_id)
            return finish_run(
                *(self.lake, self.database, stored, self.lineage, self.drift_threshold, growing),
                is_analyzed=is_analyzed,
            )

    def _extract(self, stored: StoredRun, outlines: OutlineFile, growing: Growing) -> bool:
        """Work on what is pending; says whether the tables are analyzed already."""
        shards = results.pending_shards(self.database, stored.run_no)
        total = results.count_pending(self.database, stored.run_no)
        log.info("run_working", extra={"run_id": stored.run.run_id, "shards": len(shards), "notes": total})
        if not shards:
            return False
        growing.expect(shards)
        # A session of its own reads ahead, while this one commits.
        with (
            self.database.twin() as reader,
            self.meter.track("extracting", total) as advance,
            Foresight(self.database, stored.run_no, total) as foresight,
            closing(self.crew.work(_tasks(reader, stored, shards))) as working,
            closing(self._commit_beside(working, outlines)) as committing,
        ):
            for task, part, is_committed in committing:
                if not is_committed:
                    if runs.find_run(self.database, stored.run.run_id).run.status is RunStatus.CANCELLED:
                        return False
                    raise RunConflict(
                        f"Another process has done the shard {task.shard} of the run {task.run_id}.",
                        remedy="Let it finish; nothing is lost or doubled.",
                    )
                growing.add(task.shard, part)
                advance(len(task.notes))
                foresight.note_done(len(task.notes))
        return foresight.is_analyzed

    def _commit_beside(
        self, working: Iterable[tuple[Task, Findings]], outlines: OutlineFile
    ) -> Generator[tuple[Task, Part, bool]]:
        """Commit findings one after the other in a thread, while the object of the next ones is put into the lake."""
        with ThreadPoolExecutor(1, thread_name_prefix="hctap-commit") as pool:
            before: tuple[Task, Part, Future[bool]] | None = None
            for task, findings in working:
                part = lay(self.lake, task, findings)
                if part.rows:
                    outlines.keep(part.key, findings.outlines)
                if before is not None:
                    yield *before[:2], before[2].result()
                before = task, part, pool.submit(commit_rows, self.database, task, part, findings.rows)
                # The lines, which are most of it, are not needed for that.
                del findings
            if before is not None:
                yield *before[:2], before[2].result()

    def _tell_started(self, run: Run) -> None:
        from hctap_etl.lineage.events import run_started

        self.lineage.tell(run_started(run))

    def _note_error(self, stored: StoredRun, error: Exception) -> None:
        from hctap_etl.lineage.events import run_failed

        self.lineage.tell(run_failed(stored.run, error))
        try:
            runs.note_error(self.database, stored.run_no, message_of(error))
        except PlatformError:
            # The database itself is away; the error at hand is the one to report.
            log.warning("error_not_noted", extra={"run_id": stored.run.run_id})


def plan_run(lake: Lake, database: Database, stored: StoredRun, meter: Meter, then: Then | None = None) -> None:
    """Bring the catalogue up to date and write the plan of a queued run; `then` belongs into its transaction."""
    with database.lock(CATALOGUE_LOCK, busy=CATALOGUE_BUSY, patience_seconds=CATALOGUE_SECONDS):
        remember(lake, database)
        update_catalogue(lake.raw, database, meter)
        write_plan(database, stored.run_no, then)


def take_task(database: Database, stored: StoredRun, shard: int) -> Task:
    """The notes of a shard that are still to be worked on."""
    begun = time.monotonic_ns()
    notes = results.begin_shard(database, stored.run_no, shard)
    return Task(stored.run.run_id, stored.run_no, shard, tuple(notes), begun)


def commit(lake: Lake, database: Database, task: Task, findings: Findings, then: Then | None = None) -> bool:
    """Make the findings of a shard visible in lake and database; False if they are not wanted any more."""
    return commit_rows(database, task, lay(lake, task, findings), findings.rows, then)


def lay(lake: Lake, task: Task, findings: Findings) -> Part:
    """Put the objects of a shard into the lake, where no reader sees them until a transaction names them."""
    part = describe_part(task.run_id, task.shard, findings)
    for _ in map_in_threads(lambda item: lake.enriched.settle(*item), findings.surrogates):
        pass
    lake.enriched.settle(part.key, findings.lines)
    return part


def commit_rows(database: Database, task: Task, part: Part, rows: Rows, then: Then | None = None) -> bool:
    """Commit the rows of a shard whose object stands in the lake; False if they are not wanted any more."""
    return results.commit_shard(database, task.run_no, task.shard, part, rows, task.begun_ns, then)


def _tasks(reader: Database, stored: StoredRun, shards: Iterable[int]) -> Iterator[Task]:
    for shard in shards:
        # This process finishes the run, so outlines of the parts are of use to it.
        yield replace(take_task(reader, stored, shard), is_outlined=True)
