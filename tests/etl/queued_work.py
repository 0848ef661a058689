"""A run as jobs of the queue, and who takes them."""

from hctap_etl.working import QueueWork
from hctap_stores.database import jobs, queue


def defer(work: QueueWork, run_id: str = "Q") -> None:
    queue.defer_run(work.database, run_id, work.crew.pipeline, is_incremental=False)


def serve(work: QueueWork, url: str, **more: object) -> None:
    name = queue.queue_name(work.crew.pipeline.hash)
    jobs.serve(url, work, jobs.Serving(name, 2, heartbeat_seconds=0.5, is_patient=False, **more))  # type: ignore[arg-type]
