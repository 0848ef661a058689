"""Runs ordered, followed, cancelled and resumed through the API, on the real queue."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN, RUNNING_RUN, open_clinic

from hctap_core.orders import RunAccepted, RunProgress, WorkerList
from hctap_core.runs import Manifest, RunStatus
from hctap_embedded.stack import Stack
from hctap_stores.database.connection import Database
from hctap_stores.database.workers import Signs

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def url(stack: Stack, database_url: str) -> Iterator[str]:
    """A clinic of this module's own, since runs are started in it."""
    with open_clinic(stack, database_url) as address:
        yield address


def jobs_of(database_url: str, run_id: str) -> list[tuple[Any, ...]]:
    with Database(database_url) as database, database.transaction() as connection:
        return connection.execute(
            """
            SELECT task_name, queue_name, j.status::text FROM procrastinate.procrastinate_jobs j
            JOIN runs r ON r.run_no = (j.args->>'run_no')::integer
            WHERE run_id = %s AND j.status IN ('todo', 'doing') ORDER BY j.id
            """,
            (run_id,),
        ).fetchall()


def order(url: str, key: str | None = None, **body: Any) -> httpx.Response:
    return httpx.post(f"{url}/v1/runs", json=body, headers={"Idempotency-Key": key} if key else {})


def slug(response: httpx.Response) -> str:
    return str(response.json()["type"]).removeprefix("urn:hctap:problem:")


def test_a_run_is_queued_with_its_job_and_says_that_nobody_works(url: str, database_url: str) -> None:
    response = order(url, extractor="rules", selection={"specialties": ["Ward"], "limit": 3}, incremental=True)
    assert response.status_code == 202
    accepted = RunAccepted.model_validate_json(response.content)
    run = accepted.run
    assert response.headers["location"] == f"/v1/runs/{run.run_id}"
    assert (run.status, run.pipeline.extractor, run.is_incremental) == (RunStatus.QUEUED, "rules", True)
    assert run.selection is not None
    assert (run.selection.specialties, run.selection.limit) == (("Ward",), 3)
    assert accepted.workers == 0
    assert "hctap-etl worker" in str(accepted.remedy)
    assert jobs_of(database_url, run.run_id) == [("take_run", "hctap-orders-rules", "todo")]
    progress = RunProgress.model_validate_json(httpx.get(f"{url}/v1/runs/{run.run_id}/progress").content)
    assert (progress.notes, progress.is_over) == (0, False)


def test_the_same_key_starts_one_run(url: str) -> None:
    one, two = (RunAccepted.model_validate_json(order(url, "k1", extractor="rules").content) for _ in range(2))
    assert one.run.run_id == two.run.run_id
    other = order(url, "k1", extractor="hybrid")
    assert (other.status_code, slug(other)) == (409, "request-conflict")
    another = RunAccepted.model_validate_json(order(url, "k2", extractor="rules").content)
    assert another.run.run_id != one.run.run_id


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"selection": {"limit": 0}}, "selection.limit"),
        ({"selection": {"specialties": []}}, "selection.specialties"),
        ({"limit": 3}, "limit"),
    ],
)
def test_a_wrong_order_names_the_field(url: str, body: dict[str, Any], field: str) -> None:
    response = order(url, **body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field


def test_an_unknown_extractor_is_said_with_those_known(url: str) -> None:
    response = order(url, extractor="magic")
    assert (response.status_code, slug(response)) == (404, "unknown-extractor")
    assert "hybrid, rules, model" in response.json()["remedy"]


def test_a_worker_that_lives_is_listed_and_counted(url: str, database_url: str) -> None:
    signs = Signs(database_url, "model", "abc", 2, 10.0)
    signs.give()
    signs.give()
    listed = WorkerList.model_validate_json(httpx.get(f"{url}/v1/workers").content).workers
    assert [(worker.extractor, worker.pipeline_hash) for worker in listed] == [("model", "abc")]
    accepted = RunAccepted.model_validate_json(order(url, extractor="model").content)
    assert (accepted.workers, accepted.remedy) == (1, None)
    signs.end()
    assert WorkerList.model_validate_json(httpx.get(f"{url}/v1/workers").content).workers == ()


def test_a_run_is_cancelled_and_resumed(url: str, database_url: str) -> None:
    run_id = RunAccepted.model_validate_json(order(url, extractor="rules").content).run.run_id
    cancelled = httpx.post(f"{url}/v1/runs/{run_id}/cancel")
    assert cancelled.status_code == 202
    assert RunAccepted.model_validate_json(cancelled.content).run.status is RunStatus.CANCELLED
    assert jobs_of(database_url, run_id) == []
    assert httpx.post(f"{url}/v1/runs/{run_id}/cancel").status_code == 202, "a second time changes nothing"
    resumed = httpx.post(f"{url}/v1/runs/{run_id}/resume")
    assert RunAccepted.model_validate_json(resumed.content).run.status is RunStatus.QUEUED
    assert httpx.post(f"{url}/v1/runs/{run_id}/resume").status_code == 202
    assert jobs_of(database_url, run_id) == [("take_run", "hctap-orders-rules", "todo")], "one job, not two"


def test_what_is_left_of_a_planned_run_goes_into_the_queue(url: str, database_url: str) -> None:
    before = RunProgress.model_validate_json(httpx.get(f"{url}/v1/runs/{RUNNING_RUN}/progress").content)
    assert before.notes > before.settled
    response = httpx.post(f"{url}/v1/runs/{RUNNING_RUN}/resume")
    accepted = RunAccepted.model_validate_json(response.content)
    assert accepted.run.status is RunStatus.RUNNING
    assert "No worker of its pipeline" in str(accepted.remedy)
    jobs = jobs_of(database_url, RUNNING_RUN)
    assert {name for name, _, _ in jobs} == {"work_on_shard"}
    assert len(jobs) == before.shards
    httpx.post(f"{url}/v1/runs/{RUNNING_RUN}/cancel")
    assert jobs_of(database_url, RUNNING_RUN) == []
    again = RunAccepted.model_validate_json(httpx.post(f"{url}/v1/runs/{RUNNING_RUN}/resume").content)
    assert again.run.status is RunStatus.RUNNING


def test_a_finished_run_is_not_cancelled(url: str) -> None:
    response = httpx.post(f"{url}/v1/runs/{FIRST_RUN}/cancel")
    assert (response.status_code, slug(response)) == (409, "run-conflict")
    for path in ("cancel", "resume", "quarantine/retry"):
        assert httpx.post(f"{url}/v1/runs/nobody/{path}").status_code == 404


def test_notes_in_quarantine_are_tried_again_by_an_incremental_run(url: str) -> None:
    accepted = RunAccepted.model_validate_json(httpx.post(f"{url}/v1/runs/{LATEST_RUN}/quarantine/retry").content)
    assert (accepted.run.is_incremental, accepted.run.pipeline.extractor) == (True, "rules")
    nothing = httpx.post(f"{url}/v1/runs/{FIRST_RUN}/quarantine/retry")
    assert nothing.status_code == 409
    assert "nothing in quarantine" in nothing.json()["detail"]


def test_progress_comes_as_events_until_the_end(url: str) -> None:
    with httpx.stream(
        "GET", f"{url}/v1/runs/{LATEST_RUN}/progress", headers={"Accept": "text/event-stream"}
    ) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.iter_lines() if line]
    assert lines[0] == "event: end"
    assert json.loads(lines[1].removeprefix("data: "))["status"] == "partial"


def test_events_follow_what_happens(url: str) -> None:
    run_id = RunAccepted.model_validate_json(order(url, extractor="rules").content).run.run_id
    names = []
    with httpx.stream("GET", f"{url}/v1/runs/{run_id}/progress", headers={"Accept": "text/event-stream"}) as response:
        for line in response.iter_lines():
            if line.startswith("event: "):
                names.append(line.removeprefix("event: "))
                if names == ["progress"]:
                    httpx.post(f"{url}/v1/runs/{run_id}/cancel")
    assert names == ["progress", "end"]
    assert httpx.get(f"{url}/v1/runs/nobody/progress").status_code == 404


def test_a_finished_run_shows_its_manifest(url: str) -> None:
    manifest = Manifest.model_validate_json(httpx.get(f"{url}/v1/runs/{LATEST_RUN}/manifest").content)
    assert (manifest.run_id, manifest.errors) == (LATEST_RUN, 1)
    missing = httpx.get(f"{url}/v1/runs/{RUNNING_RUN}/manifest")
    assert (missing.status_code, slug(missing)) == (409, "run-conflict")
    assert httpx.get(f"{url}/v1/runs/nobody/manifest").status_code == 404


def test_changes_are_in_the_audit(url: str) -> None:
    run_id = RunAccepted.model_validate_json(order(url, extractor="rules").content).run.run_id
    entries = httpx.get(f"{url}/v1/audit?limit=1").json()["entries"]
    assert [(entry["action"], entry["run_id"], entry["notes"]) for entry in entries] == [("run.start", run_id, 0)]
