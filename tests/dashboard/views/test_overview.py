"""The first page, against the real API."""

import html
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.clinic import LATEST_RUN, TEXTS, find_entities, serve, settings_of
from tests.dashboard.pages import click, html_of, open_page, text_of

from hctap_api.main import create_app
from hctap_core.coverage import Change, Coverage
from hctap_core.reasons import REASON_HELP, QuarantineReason
from hctap_core.runs import Pipeline, Run, RunCounts, RunStatus
from hctap_dashboard.views import overview
from hctap_embedded.stack import Stack
from hctap_stores.database.revisions import upgrade

pytestmark = pytest.mark.stack


def test_it_shows_the_run_at_a_glance(api_url: str) -> None:
    page = open_page(api_url, "overview")
    shown = text_of(page)
    assert not page.exception
    for words in (LATEST_RUN, "partial", f"Notes {len(TEXTS) + 1}", "Median 1.50 ms", "95th percentile 1.50 ms"):
        assert words in shown
    assert "In quarantine 1" in shown
    problems = [one for text in set(TEXTS.values()) for one in find_entities(text) if one["entity_type"] == "PROBLEM"]
    assert f"Problem {len(problems)} " in shown
    assert "Not JSON The object is not a JSON object" in shown


def test_figures_of_quality_are_those_of_the_gold_that_is_never_tuned_on(api_url: str) -> None:
    shown = text_of(open_page(api_url, "overview"))
    assert "Against the gold set samples-test, in percent: Precision" in shown
    assert "Strict F1 100.0 same span and type" in shown


def test_figures_lead_to_what_they_stand_for(api_url: str) -> None:
    shown = html_of(open_page(api_url, "overview"))
    for link in (
        f"/app/runs?run={LATEST_RUN}",
        f"/app/runs?run={LATEST_RUN}&amp;state=quarantined",
        f"/app/quality?gold=samples-test&amp;run={LATEST_RUN}",
        "/app/explore?type=PROBLEM",
    ):
        assert f'href="{link}"' in shown


def test_the_commonest_are_named_and_no_word_of_a_note_stands_in_a_link(api_url: str) -> None:
    shown = html_of(open_page(api_url, "overview"))
    assert 'href="/app/explore?asserted=present&amp;type=PROBLEM" data-words="cough">cough</a>' in shown
    assert 'data-words="aspirin">aspirin</a>' in shown
    assert "q=cough" not in shown


def test_without_a_run_it_says_what_to_do(stack: Stack, new_database: Callable[[], str]) -> None:
    url = new_database()
    upgrade(url)
    with serve(create_app(settings_of(stack, url))) as address:
        page = open_page(address, "overview")
    assert not page.exception
    assert "No run has finished yet" in text_of(page)
    assert "make etl" in text_of(page)


def test_without_an_api_it_says_so_and_tries_again_on_demand() -> None:
    page = open_page("http://127.0.0.1:9", "overview")
    assert not page.exception
    assert "The latest run cannot be shown" in text_of(page)
    assert "make up" in text_of(page)
    assert "The latest run cannot be shown" in text_of(click(page, "Try again"))


def test_without_a_database_it_says_so(stack: Stack) -> None:
    settings = settings_of(stack, "postgresql://hctap:x@127.0.0.1:9/hctap")
    with serve(create_app(settings)) as address:
        page = open_page(address, "overview")
    assert "A store does not answer" in text_of(page)


def run_of(**more: Any) -> Run:
    pipeline = Pipeline(extractor="rules", extractor_version="1", code_version="1")
    made = {"pipeline": pipeline, "pipeline_hash": pipeline.hash, "created_at": datetime.now(UTC)}
    return Run.model_validate({"run_id": "r", "status": RunStatus.SUCCEEDED, **made, **more})


def test_a_run_that_found_nothing_and_was_not_evaluated_says_so() -> None:
    run = run_of()
    assert "The run found no entities." in overview._types(run)
    assert "Every note could be read." in overview._quarantine(run)
    assert "was not compared with a gold set" in overview._quality(run)
    assert "<dd>–</dd>" in overview._figures(run)
    assert "finished –" in overview._title(run)


def test_every_reason_and_any_type_has_its_words() -> None:
    counts = RunCounts(by_reason=dict.fromkeys(QuarantineReason, 1), by_type={"DEVICE": 3})
    run = run_of(counts=counts)
    assert all(html.escape(words, quote=True) in overview._quarantine(run) for words in REASON_HELP.values())
    assert "Device" in overview._types(run)


def test_gaps_and_drift_are_warned_of() -> None:
    drift = Change(measure="per_note.TEST", before=8.0, now=2.0, is_drift=True)
    counts = RunCounts(coverage=Coverage(changes=(drift, drift.model_copy(update={"is_drift": False}))))
    scores = {"dev": {"coverage": {"gold_outside_pred_notes": 7}}}
    words = overview._warnings(run_of(evaluation=scores, counts=counts))
    assert "dev: 7 gold entities" in words
    assert words.count("moved from 8 to 2.") == 1
