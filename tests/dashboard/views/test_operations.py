"""How the parts are, against the real API."""

from collections.abc import Callable

import pytest
from tests.clinic import RUNNING_RUN, serve, settings_of
from tests.dashboard.pages import open_page, text_of

from hctap_api.main import create_app
from hctap_core.permissions import Role
from hctap_core.runs import Pipeline, Run, RunCounts
from hctap_core.statistics import Freshness
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
    assert "at most 2 h is wanted" in shown


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
    assert [part.label for part in runs.expander] == ["Schedules"]


def test_what_was_paid_is_said_for_a_million_notes() -> None:
    pipeline = Pipeline(extractor="comprehend", extractor_version="1", code_version="1")
    made = {"run_id": "r", "status": "succeeded", "pipeline": pipeline, "pipeline_hash": "h"}
    counts = RunCounts(done=50, usage={"cost_usd": 0.5, "requests": 50})
    run = Run.model_validate({**made, "counts": counts, "created_at": "2020-01-01T00:00:00Z"})
    assert '<th scope="row">US dollars per million notes</th><td class="hc-num">10,000</td>' in operations._cost(run)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("ok", ""),
        ("warning", "a little longer ago than its objective of 2 h"),
        ("breach", ": longer ago"),
        ("none", "No"),
    ],
)
def test_the_age_of_the_newest_run_is_judged_by_the_api(status: str, words: str) -> None:
    finished = None if status == "none" else "2020-01-01T00:00:00Z"
    said = operations._warn_of_age(
        Freshness.model_validate({"status": status, "limit_minutes": 120, "finished_at": finished})
    )
    assert words in said
    assert bool(said) is (status != "ok")


def test_metrics_and_logs_lead_where_the_settings_say() -> None:
    own = operations._elsewhere("http://127.0.0.1:8000", operations.Elsewhere())
    assert 'href="http://127.0.0.1:8000/metrics"' in own
    assert "writes its log into" in own
    other = operations._elsewhere(
        "http://api", operations.Elsewhere("https://charts.example/d?a=1&b", "https://logs.example")
    )
    assert 'href="https://charts.example/d?a=1&amp;b"' in other
    assert 'href="https://logs.example"' in other
    assert "writes its log into" not in other
