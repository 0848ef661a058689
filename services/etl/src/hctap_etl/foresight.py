"""The statistics that PostgreSQL plans with, gathered while the last notes of a run are worked on.

After them they would hold up all that is counted of the run, by a second and more where autovacuum is at one of the
tables: it gives way only after `deadlock_timeout`.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

from hctap_core.errors import PlatformError
from hctap_stores.database import analysis
from hctap_stores.database.connection import Database

log = logging.getLogger(__name__)

# Fewer are one shard; and the last eighth of more says no more than the others.
_LEAST_NOTES: Final = 50
_LAST_SHARE: Final = 8


class Foresight:
    """Analyzes the tables once, in a session of its own, when few of so many notes of a run are left."""

    def __init__(self, database: Database, run_no: int, notes: int) -> None:
        self._database = database
        self._run_no = run_no
        self._left = notes
        self._few = notes // _LAST_SHARE if notes >= _LEAST_NOTES else -1
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hctap-statistics")
        self._analyzed: Future[bool] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown()

    def note_done(self, count: int) -> None:
        """So many more notes are committed."""
        self._left -= count
        if self._left <= self._few and self._analyzed is None:
            self._analyzed = self._pool.submit(self._analyze)

    @property
    def is_analyzed(self) -> bool:
        """Whether the tables are analyzed; waits for it, where it has begun."""
        return self._analyzed is not None and self._analyzed.result()

    def _analyze(self) -> bool:
        try:
            with self._database.twin() as session:
                analysis.analyze_results(session, self._run_no)
        except PlatformError as error:
            # Who finishes the run does it then, and says what is wrong if it still is.
            log.info("not_analyzed", extra={"error": type(error).__name__})
            return False
        return True
