"""The routes of the runs, on the real database."""

from collections.abc import Callable

import httpx
import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN, RUNNING_RUN, TEXTS, serve, settings_of

from hctap_api.main import create_app
from hctap_core.ledgers import LedgerPage, RunPage
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
    assert page.json() == {"notes": [], "next_cursor": None, "run_id": None}


def test_runs_are_listed_the_newest_first_page_by_page(api_url: str) -> None:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = RunPage.model_validate_json(httpx.get(f"{api_url}/v1/runs", params=query).content)
        seen += [run.run_id for run in page.runs]
        cursor = page.next_cursor
    assert seen == [RUNNING_RUN, LATEST_RUN, FIRST_RUN]
    finished = RunPage.model_validate_json(httpx.get(f"{api_url}/v1/runs?status=succeeded").content)
    assert [run.run_id for run in finished.runs] == [FIRST_RUN]


def test_a_run_is_shown_by_its_id(api_url: str) -> None:
    assert httpx.get(f"{api_url}/v1/runs/{LATEST_RUN}").content == httpx.get(f"{api_url}/v1/runs/latest").content
    for path in ("nobody", "nobody/notes", "nobody/quarantine"):
        response = httpx.get(f"{api_url}/v1/runs/{path}")
        assert (response.status_code, response.json()["type"]) == (404, "urn:hctap:problem:run-not-found")
    assert httpx.get(f"{api_url}/v1/runs/a b").status_code == 422


def test_the_ledger_answers_for_every_note(api_url: str) -> None:
    entries: list[tuple[str, str]] = []
    query: dict[str, str] = {"limit": "50"}
    while True:
        response = httpx.get(f"{api_url}/v1/runs/{LATEST_RUN}/notes", params=query)
        page = LedgerPage.model_validate_json(response.content)
        entries += [(entry.object_key, entry.state.value) for entry in page.notes]
        if page.next_cursor is None:
            break
        query["cursor"] = page.next_cursor
    assert entries == sorted(entries)
    assert len(entries) == len(TEXTS) + 1
    assert [state for _, state in entries].count("duplicate") == 1


def test_the_quarantine_says_why(api_url: str) -> None:
    response = httpx.get(f"{api_url}/v1/runs/{LATEST_RUN}/quarantine")
    page = LedgerPage.model_validate_json(response.content)
    assert [(entry.object_key, entry.reason) for entry in page.notes] == [("notes/broken.json", "not_json")]
    assert page.notes[0].detail == "not JSON"
