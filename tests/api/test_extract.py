"""Extraction on request, by a real worker process."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from hctap_api.bodies import MAX_BODY_BYTES
from hctap_core.extractions import MAX_BATCH, Extracted, ExtractedBatch
from hctap_nlp.extractors import SpanReader, load_extractor

pytestmark = pytest.mark.stack

TEXT = "HISTORY: Denies chest pain.\nMEDICATIONS: Lisinopril 10 mg PO daily. Zorblitis.\n"


@pytest.fixture(scope="module")
def extractor(engine_url: str, engine_home: Path) -> SpanReader:
    """The same engine in this process."""
    assert engine_url
    return load_extractor("hybrid", engine_home / "vocabulary", terms=engine_home / "terms")


def extract(url: str, **more: Any) -> httpx.Response:
    return httpx.post(f"{url}/v1/extract", json={"text": TEXT} | more, timeout=60)


def test_it_says_what_the_command_line_says(engine_url: str, extractor: SpanReader) -> None:
    response = extract(engine_url, id="note-1")
    assert response.status_code == 200, response.text
    assert response.json() == extractor.extract(TEXT).record("note-1")
    found = Extracted.model_validate_json(response.content)
    by_text = {entity.text: entity for entity in found.entities}
    assert by_text["chest pain"].assertion.negated
    assert {"10 mg", "daily"} <= {part.text for part in by_text["Lisinopril"].attributes}
    assert by_text["Zorblitis"].codes[0].code == "R69"
    assert all(TEXT[entity.begin : entity.end] == entity.text for entity in found.entities)


def test_reasons_are_given_on_demand(engine_url: str) -> None:
    assert all("reasons" not in entity for entity in extract(engine_url).json()["entities"])
    entity = extract(engine_url, explain=True).json()["entities"][0]
    assert [reason["about"] for reason in entity["reasons"]][:3] == ["found by", "normal form", "negated"]


def test_options_say_what_is_wanted(engine_url: str) -> None:
    only = extract(engine_url, options={"entity_types": ["MEDICATION"], "sections": False}).json()
    assert {entity["entity_type"] for entity in only["entities"]} == {"MEDICATION"}
    assert only["sections"] == []
    text = "Severe right-sided chest pain. Aspirin."
    whole = extract(engine_url, text=text).json()["entities"]
    limit = max(entity["score"] for entity in whole)
    best = extract(engine_url, text=text, options={"min_score": limit}).json()["entities"]
    assert best == [entity for entity in whole if entity["score"] >= limit]
    assert len(best) < len(whole)


def test_each_extractor_can_be_asked_for(engine_url: str) -> None:
    for name in ("hybrid", "rules", "model"):
        entities = extract(engine_url, extractor=name).json()["entities"]
        assert {entity["provenance"]["extractor"] for entity in entities} == {name}


def test_a_batch_answers_in_the_order_of_its_texts(engine_url: str) -> None:
    texts = [{"id": str(number), "text": f"Day {number}: cough."} for number in range(20)]
    response = httpx.post(f"{engine_url}/v1/extract/batch", json={"texts": texts}, timeout=30)
    found = ExtractedBatch.model_validate_json(response.content)
    assert [one.id for one in found.results] == [text["id"] for text in texts]
    assert all(any(entity.text == "cough" for entity in one.entities) for one in found.results)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/extract", {}, "text"),
        ("/v1/extract", {"text": " \n"}, "text"),
        ("/v1/extract", {"text": "a\x00b"}, "text"),
        ("/v1/extract", {"text": "x" * 1_048_577}, "text"),
        ("/v1/extract", {"text": "x", "extractor": "llm"}, "extractor"),
        ("/v1/extract", {"text": "x", "more": 1}, "more"),
        ("/v1/extract", {"text": "x", "options": {"min_score": 2}}, "options.min_score"),
        ("/v1/extract/batch", {"texts": []}, "texts"),
        ("/v1/extract/batch", {"texts": [{"id": "a", "text": "x"}] * (MAX_BATCH + 1)}, "texts"),
        ("/v1/extract/batch", {"texts": [{"id": "a", "text": ""}]}, "texts.0.text"),
    ],
)
def test_what_cannot_be_read_is_refused_by_field(api_url: str, path: str, body: dict[str, Any], field: str) -> None:
    response = httpx.post(api_url + path, json=body)
    assert response.status_code == 422, response.text
    assert response.json()["errors"][0]["field"] == field


def test_a_body_that_is_too_large_is_refused(api_url: str) -> None:
    big = b'{"text": "' + b"x" * MAX_BODY_BYTES + b'"}'
    headers = {"Content-Type": "application/json"}
    response = httpx.post(f"{api_url}/v1/extract", content=big, headers=headers)
    assert (response.status_code, response.json()["type"]) == (413, "urn:hctap:problem:body-too-large")

    def in_pieces() -> Any:
        for begin in range(0, len(big), 1_048_576):
            yield big[begin : begin + 1_048_576]

    try:
        streamed = httpx.post(f"{api_url}/v1/extract", content=in_pieces(), headers=headers)
        assert streamed.status_code == 413
    except httpx.WriteError:
        pass  # the server closed the connection before all was sent


def test_without_workers_it_says_so(api_url: str) -> None:
    response = extract(api_url)
    assert (response.status_code, response.json()["type"]) == (503, "urn:hctap:problem:extractor-unavailable")
    assert response.headers["retry-after"] == "5"
    assert "HCTAP_API_WORKERS" in response.json()["remedy"]


def test_a_worker_that_dies_is_replaced(engine_url: str) -> None:
    workers = [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]
    assert workers
    for worker in workers:
        os.kill(worker.pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    statuses: list[int] = []
    while not statuses or statuses[-1] != 200:
        assert time.monotonic() < deadline, statuses
        statuses.append(extract(engine_url).status_code)
    assert set(statuses) <= {200, 503}
    assert httpx.get(f"{engine_url}/health").status_code == 200


def test_own_terms_are_read_again_when_they_change(engine_url: str, engine_home: Path) -> None:
    path = engine_home / "terms" / "more.yaml"
    before = extract(engine_url, text="He has quuxblat.").json()["entities"]
    path.write_text("- {term: quuxblat, type: PROBLEM, codes: {ICD-10-CM: R52}}\n")
    try:
        after = extract(engine_url, text="He has quuxblat.").json()["entities"]
    finally:
        path.unlink()
    assert [entity["text"] for entity in before] == []
    assert [(entity["text"], entity["codes"][0]["code"]) for entity in after] == [("quuxblat", "R52")]


def test_a_busy_engine_is_ready(engine_url: str) -> None:
    text = "Fever and cough. " * 10_000
    with ThreadPoolExecutor(6) as pool:
        busy = [pool.submit(extract, engine_url, text=text) for _ in range(6)]
        time.sleep(0.3)
        ready = httpx.get(f"{engine_url}/ready", timeout=10)
        answers = [one.result().status_code for one in busy]
    assert ready.status_code == 200, ready.text
    assert set(answers) == {200}
