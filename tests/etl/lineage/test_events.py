"""What the commands tell of themselves, read from the lake."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from tests.command_line import Outcome
from tests.etl.lineage.conftest import NOTES, events_in

from hctap_core.errors import StoreUnavailable
from hctap_core.runs import Pipeline
from hctap_etl.lineage.events import lineage_id, run_failed
from hctap_stores.database import runs
from hctap_stores.database.connection import Database
from hctap_stores.lake.lake import Lake

Call = Callable[..., Outcome]


def test_import_run_and_export_tell_counts_schemas_code_and_parent(ran: Call, lake: Lake, database: Database) -> None:
    assert ran("export", "R", "--format", "csv", "--out", "o").code == 0
    (imported,) = events_in(lake, "import")
    started, completed = events_in(lake, "run")
    (exported,) = events_in(lake, "export.csv")
    assert [event["eventType"] for event in (imported, started, completed, exported)] == [
        "COMPLETE",
        "START",
        "COMPLETE",
        "COMPLETE",
    ]
    assert imported["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 3
    assert (imported["inputs"][0]["name"], imported["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"]) == (
        "files",
        3,
    )
    stored = runs.find_run(database, "R").run
    facet = completed["run"]["facets"]["hctap"]
    assert (facet["id"], facet["pipelineHash"], facet["pipeline"]["code_version"]) == (
        "R",
        stored.pipeline_hash,
        stored.pipeline.code_version,
    )
    assert facet["counts"]["notes"] == completed["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"] == 3
    outputs = {output["name"]: output for output in completed["outputs"]}
    assert {"entities/run=R", "silver/entities/run=R", "silver/notes/run=R", "gold/coverage/run=R"} <= set(outputs)
    rows = {name: output["outputFacets"]["outputStatistics"]["rowCount"] for name, output in outputs.items()}
    assert rows["entities/run=R"] == rows["silver/entities/run=R"] == stored.counts.entities
    fields = [field["name"] for field in outputs["silver/notes/run=R"]["facets"]["schema"]["fields"]]
    assert fields[:2] == ["note_id", "specialty"]
    table = next(output for output in completed["outputs"] if output["namespace"].startswith("postgres://"))
    assert table["name"].endswith(".public.entities")
    assert started["run"]["runId"] == completed["run"]["runId"] == lineage_id("run", "R")
    assert exported["run"]["facets"]["parent"]["run"]["runId"] == lineage_id("run", "R")
    assert exported["run"]["facets"]["processing_engine"]["name"] == "hctap-etl"


@pytest.mark.usefixtures("ran")
def test_no_event_holds_a_word_of_a_note_or_a_path(lake: Lake) -> None:
    told = "".join(json.dumps(event) for job in ("import", "run") for event in events_in(lake, job)).lower()
    for words in (*NOTES.values(), "zebra", "cough", "gout", "aspirin", "miller"):
        assert words.lower() not in told


def test_a_run_that_stops_says_so(database: Database) -> None:
    stored = runs.create_run(database, "R", Pipeline(extractor="r", extractor_version="1", code_version="1"))
    event = run_failed(stored.run, StoreUnavailable("The disk is full."))
    assert event.eventType
    assert event.run.facets
    assert (event.eventType.value, event.run.facets["errorMessage"].message) == (  # type: ignore[attr-defined]
        "FAIL",
        "The disk is full.",
    )


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, str, dict[str, Any]]]]]:
    """What Marquez is to us: something that takes events by HTTP."""
    taken: list[tuple[str, str, dict[str, Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((self.path, self.headers.get("Authorization", ""), json.loads(body)))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    served = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}", taken
    served.shutdown()
    thread.join()
    served.server_close()


def test_events_go_to_the_server_that_is_set(
    hctap: Call,
    server: tuple[str, list[tuple[str, str, dict[str, Any]]]],
    monkeypatch: pytest.MonkeyPatch,
    lake: Lake,
) -> None:
    address, taken = server
    monkeypatch.setenv("HCTAP_OPENLINEAGE_URL", address)
    monkeypatch.setenv("HCTAP_OPENLINEAGE_API_KEY", "key")
    assert hctap("run", "--extractor", "rules", "--run-id", "R").code == 0
    assert [(path, key, event["eventType"]) for path, key, event in taken] == [
        ("/api/v1/lineage", "Bearer key", "START"),
        ("/api/v1/lineage", "Bearer key", "COMPLETE"),
    ]
    assert [event for _, _, event in taken] == events_in(lake, "run")


def test_a_server_that_is_away_stops_nothing(hctap: Call, monkeypatch: pytest.MonkeyPatch, lake: Lake) -> None:
    monkeypatch.setenv("HCTAP_OPENLINEAGE_URL", "http://127.0.0.1:9")
    outcome = hctap("run", "--extractor", "rules", "--run-id", "R")
    assert (outcome.code, outcome.err.count("lineage_not_sent")) == (0, 2)
    assert len(events_in(lake, "run")) == 2


def test_an_address_that_makes_no_sense_is_refused(hctap: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCTAP_OPENLINEAGE_URL", "marquez:5000")
    outcome = hctap("runs", "list")
    assert (outcome.code, "make no sense" in outcome.err) == (2, True)
