"""The routes of the runs, on the real database."""

from collections.abc import Callable

import httpx
import pytest
from tests.clinic import LATEST_RUN, TEXTS, serve, settings_of

from hctap_api.main import create_app
from hctap_core.runs import Run, RunStatus
from hctap_embedded.stack import Stack
from hctap_stores.database.revisions import upgrade

pytestmark = pytest.mark.stack


def test_the_latest_run_is_the_one_that_finished_last(api_url: str) -> None:
    run = Run.model_validate_json(httpx.get(f"{api_url}/v1/runs/latest").content)
    assert (run.run_id, run.status) == (LATEST_RUN, RunStatus.PARTIAL)
    counts = run.counts
    assert (counts.notes, counts.duplicates, counts.quarantined) == (len(TEXTS) + 1, 1, 1)
    assert counts.notes == counts.done + counts.duplicates + counts.quarantined + counts.pending + counts.unchanged
    assert sum(counts.by_type.values()) == counts.entities
    assert run.duration_ms_p50 == 1.5
    assert sorted(run.evaluation) == ["samples-dev", "samples-test"]


def test_the_short_address_answers_the_same(api_url: str) -> None:
    assert httpx.get(f"{api_url}/runs/latest").content == httpx.get(f"{api_url}/v1/runs/latest").content


def test_without_a_finished_run_there_is_a_problem_with_a_remedy(stack: Stack, new_database: Callable[[], str]) -> None:
    url = new_database()
    upgrade(url)
    with serve(create_app(settings_of(stack, url))) as address:
        problem = httpx.get(f"{address}/v1/runs/latest")
        page = httpx.get(f"{address}/v1/notes")
    assert problem.status_code == 404
    assert problem.json()["type"] == "urn:hctap:problem:run-not-found"
    assert "make etl" in problem.json()["remedy"]
    assert page.json() == {"notes": [], "next_cursor": None}
