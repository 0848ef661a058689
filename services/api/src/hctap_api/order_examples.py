"""What the routes that start and follow runs answer, as the OpenAPI shows it."""

from typing import Any, Final

from hctap_api.examples import RUN
from hctap_core.orders import RunAccepted, RunOrder, RunProgress, WorkerList
from hctap_core.runs import Manifest
from hctap_core.schedules import Schedule, ScheduleOrder

_UNTAKEN: Final[dict[str, Any]] = {
    "run_id": "20261123T093000Z-hybrid",
    "status": "queued",
    "pipeline": {"extractor": "hybrid", "extractor_version": "", "code_version": ""},
    "pipeline_hash": "",
    "created_at": "2026-11-23T09:30:00Z",
    "is_incremental": True,
    "selection": {"specialties": ["Cardiology"], "limit": 100},
}
ORDER: Final = RunOrder.model_validate(
    {"extractor": "hybrid", "selection": {"specialties": ["Cardiology"], "limit": 100}, "incremental": True}
).model_dump(mode="json")
ACCEPTED: Final = RunAccepted.model_validate(
    {
        "run": _UNTAKEN,
        "workers": 0,
        "remedy": "Nobody is there to work on it: start a worker with `make up`, or `hctap-etl worker`.",
    }
).model_dump(mode="json")
PROGRESS: Final = RunProgress.model_validate(
    {
        "run_id": RUN["run_id"], "status": "running", "notes": 68, "settled": 41, "quarantined": 0, "entities": 1020,
        "shards": 5, "shards_done": 3, "workers": 1, "started_at": "2026-11-21T09:30:00Z", "seconds_left": 1.2,
    }
).model_dump(mode="json")  # fmt: skip
WORKERS: Final = WorkerList.model_validate(
    {
        "workers": [
            {
                "worker_no": 1, "extractor": "hybrid", "pipeline_hash": "0f" * 32, "jobs_at_once": 2,
                "started_at": "2026-11-21T09:00:00Z", "seen_at": "2026-11-21T09:30:00Z",
            }
        ]
    }
).model_dump(mode="json")  # fmt: skip
SCHEDULE_ORDER: Final = ScheduleOrder.model_validate(
    {"cron": "0 2 * * *", "order": {"extractor": "hybrid", "incremental": True}}
).model_dump(mode="json")
SCHEDULE: Final = Schedule.model_validate(
    {
        **SCHEDULE_ORDER, "name": "nightly", "next_at": "2026-11-22T02:00:00Z", "last_at": "2026-11-21T02:00:00Z",
        "last_run_id": "20261121T020000Z-hybrid", "changed_by": "ward7", "changed_at": "2026-11-20T09:30:00Z",
    }
).model_dump(mode="json")  # fmt: skip
SCHEDULES: Final = {"schedules": [SCHEDULE]}
MANIFEST: Final = Manifest.model_validate(
    {
        "run_id": RUN["run_id"], "status": RUN["status"], "extractor": RUN["pipeline"]["extractor"],
        "ts": RUN["finished_at"], "ts_started": RUN["started_at"], "ts_finished": RUN["finished_at"],
        "note_count": RUN["counts"]["notes"], "entity_count": RUN["counts"]["entities"], "error_rate": 0.0, "errors": 0,
        "counts": RUN["counts"], "pipeline": RUN["pipeline"], "pipeline_hash": RUN["pipeline_hash"],
        "parts": [
            {
                "key": f"entities/run={RUN['run_id']}/part-00000-0123456789abcdef.jsonl", "sha256": "ab" * 32,
                "rows": 1479, "bytes": 812345,
            }
        ],
    }
).model_dump(mode="json")  # fmt: skip
