"""Bundles, each validated, as NDJSON: one a line."""

from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Final

from hctap_core.errors import PlatformError
from hctap_core.runs import Run
from hctap_etl.exports.fhir.making import Made, make_bundles
from hctap_etl.exports.folder import OutputFolder
from hctap_stores.database.documents import Document

# So many notes go to a process at once, and so few that memory stays flat.
_CHUNK: Final = 16
_CHUNKS_AHEAD: Final = 3


class FhirExport:
    """One Bundle a note, a line each, in the order of the notes, whatever the number of processes.

    Nineteen twentieths of the time are validation, so it is done in `workers` processes; with one, in this process.
    """

    def __init__(self, folder: OutputFolder, run: Run, workers: int = 1) -> None:
        self._stream = folder.open("bundles.ndjson")
        self._run = run
        self._left_out = 0
        self._chunk: list[Document] = []
        self._ahead: deque[Future[Made]] = deque()
        self._most_ahead = workers * _CHUNKS_AHEAD
        self._pool = _open_pool(workers) if workers > 1 else None
        folder.when_discarded(self._end_pool)

    def write(self, document: Document) -> None:
        """Write the Bundle of a note, soon."""
        self._chunk.append(document)
        if len(self._chunk) >= _CHUNK:
            self._hand_out()

    def close(self) -> dict[str, int]:
        """Write what is left, and say how many entities have no resource."""
        self._hand_out()
        while self._ahead:
            self._keep(_result_of(self._ahead.popleft()))
        self._end_pool()
        return {"entities without a resource": self._left_out}

    def _hand_out(self) -> None:
        chunk, self._chunk = self._chunk, []
        if self._pool is None:
            self._keep(make_bundles(self._run, chunk))
            return
        if len(self._ahead) >= self._most_ahead:
            self._keep(_result_of(self._ahead.popleft()))
        try:
            self._ahead.append(self._pool.submit(make_bundles, self._run, chunk))
        except BrokenProcessPool:
            raise _ended() from None

    def _keep(self, made: Made) -> None:
        self._left_out += made.left_out
        self._stream.write(made.lines)

    def _end_pool(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _open_pool(workers: int) -> ProcessPoolExecutor:
    # A fork of this process would have its connections; these are forks of one that has but the models of FHIR.
    context = get_context("forkserver")
    context.set_forkserver_preload([make_bundles.__module__])
    return ProcessPoolExecutor(workers, mp_context=context)


def _result_of(future: "Future[Made]") -> Made:
    try:
        return future.result()
    except BrokenProcessPool:
        raise _ended() from None


def _ended() -> PlatformError:
    return PlatformError(
        "A process that makes bundles has ended before its work.",
        remedy="See whether the machine ran out of memory, and give the same command again, with fewer --workers.",
    )
