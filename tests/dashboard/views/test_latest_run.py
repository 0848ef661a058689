"""The page of the latest run, against the real API."""

import html
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.clinic import LATEST_RUN, TEXTS, find_entities, serve, settings_of
from tests.dashboard.pages import open_latest_run, text_of

from hctap_api.main import create_app
from hctap_core.reasons import REASON_HELP, QuarantineReason
from hctap_core.runs import Pipeline, Run, RunCounts, RunStatus
from hctap_dashboard.views import latest_run
from hctap_embedded.stack import Stack
from hctap_stores.database.revisions import upgrade

pytestmark = pytest.mark.stack


def test_it_shows_the_run_at_a_glance(api_url: str) -> None:
    page = open_latest_run(api_url)
    shown = text_of(page)
    assert not page.exception
    for words in (LATEST_RUN, "partial", f"Notes {len(TEXTS) + 1}", "Median 1.50 ms", "95th percentile 1.50 ms"):
        assert words in shown
    assert "Duplicates 1" in shown
    assert "In quarantine 1" in shown


def test_it_shows_types_quarantine_and_versions(api_url: str) -> None:
    shown = text_of(open_latest_run(api_url))
    problems = [one for text in set(TEXTS.values()) for one in find_entities(text) if one["entity_type"] == "PROBLEM"]
    assert f"Problem {len(problems)} " in shown
    assert "Not JSON The object is not a JSON object" in shown
    assert "Extractor rules 1" in shown
    assert "Vocabulary abababababab Model none" in shown


def test_it_shows_the_evaluation_of_both_halves(api_url: str) -> None:
    shown = text_of(open_latest_run(api_url))
    assert "samples-dev samples-test Type Gold Strict Overlap Gold Strict Overlap" in shown
    assert "never is on samples-test" in shown
    assert "All types" in shown
    assert "Assertions, F1" in shown


def test_without_a_run_it_says_what_to_do(stack: Stack, new_database: Callable[[], str]) -> None:
    url = new_database()
    upgrade(url)
    with serve(create_app(settings_of(stack, url))) as address:
        page = open_latest_run(address)
    assert not page.exception
    assert "No run has finished yet" in text_of(page)
    assert "make etl" in text_of(page)


def test_without_an_api_it_says_so_and_tries_again_on_demand() -> None:
    page = open_latest_run("http://127.0.0.1:9")
    assert not page.exception
    assert "The run cannot be shown" in text_of(page)
    assert "make up" in text_of(page)
    again: AppTest = page.button[0].click().run()
    assert "The run cannot be shown" in text_of(again)


def test_without_a_database_it_says_so(stack: Stack) -> None:
    settings = settings_of(stack, "postgresql://hctap:x@127.0.0.1:9/hctap")
    with serve(create_app(settings)) as address:
        page = open_latest_run(address)
    assert "A store does not answer" in text_of(page)


def run_of(**more: Any) -> Run:
    pipeline = Pipeline(extractor="rules", extractor_version="1", code_version="1", settings={"min_score": "0.5"})
    made = {"pipeline": pipeline, "pipeline_hash": pipeline.hash, "created_at": datetime.now(UTC)}
    return Run.model_validate({"run_id": "r", "status": RunStatus.SUCCEEDED, **made, **more})


def test_a_run_that_found_nothing_and_was_not_evaluated_says_so() -> None:
    run = run_of()
    assert "The run found no entities." in latest_run._types(run)
    assert "Every note could be read." in latest_run._quarantine(run)
    assert "was not compared with a gold set" in latest_run._evaluation(run)
    assert "<dd>–</dd>" in latest_run._figures(run)
    assert "finished –" in latest_run._title(run)


def test_every_reason_and_any_type_has_its_words() -> None:
    counts = RunCounts(by_reason=dict.fromkeys(QuarantineReason, 1), by_type={"DEVICE": 3})
    run = run_of(counts=counts)
    assert all(html.escape(words, quote=True) in latest_run._quarantine(run) for words in REASON_HELP.values())
    assert "Device" in latest_run._types(run)


def test_the_settings_of_the_pipeline_are_named_and_hashes_are_cut() -> None:
    shown = latest_run._pipeline(run_of())
    assert '<th scope="row">Min score</th><td>0.5</td>' in shown
    assert f"<td>{run_of().pipeline_hash[:12]}</td>" in shown


def test_gold_outside_the_run_is_warned_of() -> None:
    scores = {"coverage": {"gold_outside_pred_notes": 7}}
    assert "dev: 7 gold entities" in latest_run._evaluation(run_of(evaluation={"dev": scores}))
