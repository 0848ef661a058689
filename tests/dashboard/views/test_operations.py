"""How the parts are, against the real API."""

from collections.abc import Callable

import pytest
from tests.clinic import RUNNING_RUN, serve, settings_of
from tests.dashboard.pages import open_page, text_of

from hctap_api.main import create_app
from hctap_core.permissions import Role
from hctap_core.runs import Pipeline, Run, RunCounts
from hctap_dashboard.views import operations
from hctap_embedded.stack import Stack
from hctap_stores.database import keys
from hctap_stores.database.connection import Database
from hctap_stores.database.revisions import upgrade

pytestmark = pytest.mark.stack


def test_it_shows_the_parts_and_what_is_at_work(api_url: str) -> None:
    page = open_page(api_url, "operations")
    assert not page.exception
    shown = text_of(page)
    assert "Database well" in shown
    assert f"Run Status Ordered {RUNNING_RUN} running" in shown
    assert "No worker gave a sign lately" in shown
    assert "asked no paid service" in shown


def test_a_reader_may_not_see_it(stack: Stack, new_database: Callable[[], str]) -> None:
    url = new_database()
    upgrade(url)
    with Database(url) as database:
        token = keys.create_key(database, "ward", Role.READER).token
    with serve(create_app(settings_of(stack, url, HCTAP_API_OPEN="0"))) as address:
        refused = text_of(open_page(address, "operations", key=token))
        compared = text_of(open_page(address, "compare", key=token))
        runs = open_page(address, "runs", key=token)
    assert "Your role may not see this" in refused
    assert "the role reader" in refused
    assert "Database" not in refused
    assert "needs the permission runs:compare" in compared
    assert not runs.expander


def test_without_a_run_nothing_is_fresh_and_without_usage_nothing_was_paid() -> None:
    pipeline = Pipeline(extractor="comprehend", extractor_version="1", code_version="1")
    made = {"run_id": "r", "status": "succeeded", "pipeline": pipeline, "pipeline_hash": "h"}
    counts = RunCounts(done=50, usage={"cost_usd": 0.5, "requests": 50})
    run = Run.model_validate({**made, "counts": counts, "created_at": "2020-01-01T00:00:00Z"})
    assert '<th scope="row">US dollars per million notes</th><td class="hc-num">10,000</td>' in operations._cost(run)
    assert "No run has finished yet" in operations._freshness(run)
    old = run.model_copy(update={"finished_at": run.created_at})
    assert "longer ago than its objective" in operations._freshness(old)
