"""What a client asks to be done with runs, and how it follows them."""

import json
from collections.abc import Iterator

import httpx
from pydantic import BaseModel

from hctap_client.connection import Connection, part_of
from hctap_client.problems import error_of
from hctap_core.errors import StoreUnavailable
from hctap_core.orders import RunAccepted, RunOrder, RunProgress, WorkerList
from hctap_core.runs import Manifest, Selection

# A silent stream has a sign of life every 15 seconds.
_SILENCE_SECONDS = 40.0


class _Nothing(BaseModel):
    """An empty body."""


class OrderCalls(Connection):
    """Runs: started, stopped, gone on with, followed."""

    def start_run(
        self,
        extractor: str = "hybrid",
        *,
        selection: Selection | None = None,
        incremental: bool = False,
        idempotency_key: str | None = None,
    ) -> RunAccepted:
        """Start a run over all notes or those selected; the same key starts the same run once.

        Raises:
            UnknownExtractor: There is no extractor of that name.
            RequestConflict: The key was sent with another order.
        """
        order = RunOrder(extractor=extractor, selection=selection, incremental=incremental)
        return self.send("/v1/runs", order, RunAccepted, _key(idempotency_key))

    def cancel_run(self, run_id: str) -> RunAccepted:
        """Cancel a run that is queued or running.

        Raises:
            RunNotFound: There is no run of that id.
            RunConflict: It is over.
        """
        return self.send(f"/v1/runs/{part_of(run_id)}/cancel", _Nothing(), RunAccepted)

    def resume_run(self, run_id: str) -> RunAccepted:
        """Go on with a run that was cancelled, failed or forsaken.

        Raises:
            RunNotFound: There is no run of that id.
            RunConflict: It is finished.
        """
        return self.send(f"/v1/runs/{part_of(run_id)}/resume", _Nothing(), RunAccepted)

    def retry_quarantine(self, run_id: str, *, idempotency_key: str | None = None) -> RunAccepted:
        """Start a run that tries the notes in quarantine again.

        Raises:
            RunNotFound: There is no run of that id.
            RunConflict: It is not finished, or has none in quarantine.
        """
        path = f"/v1/runs/{part_of(run_id)}/quarantine/retry"
        return self.send(path, _Nothing(), RunAccepted, _key(idempotency_key))

    def progress(self, run_id: str) -> RunProgress:
        """How far a run has come."""
        return self.read(f"/v1/runs/{part_of(run_id)}/progress", RunProgress)

    def follow(self, run_id: str) -> Iterator[RunProgress]:
        """How far a run has come, whenever that changes, until it is over.

        Raises:
            RunNotFound: There is no run of that id.
            StoreUnavailable: The stream ended before the run did.
        """
        path, headers = f"/v1/runs/{part_of(run_id)}/progress", {"Accept": "text/event-stream"}
        try:
            with self.http.stream("GET", path, headers=headers, timeout=_SILENCE_SECONDS) as response:
                if response.status_code != httpx.codes.OK:
                    response.read()
                    raise error_of(response)
                for line in response.iter_lines():
                    if line.startswith("data: "):
                        progress = RunProgress.model_validate(json.loads(line.removeprefix("data: ")))
                        yield progress
                        if progress.is_over:
                            return
        except httpx.TransportError as error:
            raise self.unavailable(error) from None
        raise StoreUnavailable("The API stopped to tell how far the run has come.", remedy="Follow it again.")

    def manifest(self, run_id: str) -> Manifest:
        """What a finished run left in the lake.

        Raises:
            RunNotFound: There is no run of that id.
            RunConflict: It has none yet.
        """
        return self.read(f"/v1/runs/{part_of(run_id)}/manifest", Manifest)

    def workers(self) -> WorkerList:
        """The workers that gave a sign lately."""
        return self.read("/v1/workers", WorkerList)


def _key(key: str | None) -> dict[str, str]:
    return {} if key is None else {"Idempotency-Key": key}
