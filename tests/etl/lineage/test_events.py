"""What the commands tell of themselves, read from the lake."""

import json
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.command_line import Outcome
from tests.etl.lineage.conftest import NOTES, events_in
from tests.etl.queued_work import defer

from hctap_core.errors import StoreUnavailable
from hctap_core.runs import Pipeline, RunStatus
from hctap_etl.crew import Alone
from hctap_etl.exports.forms import Form
from hctap_etl.exports.shapes import columns_by_file
from hctap_etl.lineage.events import lineage_id, run_failed
from hctap_etl.lineage.telling import open_lineage
from hctap_etl.running import RunChoice, Runner, take_task
from hctap_etl.shards import Findings, Task
from hctap_etl.working import QueueWork
from hctap_nlp.extractors import Extractor
from hctap_stores.database import queue, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.runs import StoredRun
from hctap_stores.lake.lake import Lake

Call = Callable[..., Outcome]


def types_of(events: Iterable[dict[str, Any]]) -> list[str]:
    return [event["eventType"] for event in events]


def test_import_run_and_export_tell_counts_schemas_code_and_parent(ran: Call, lake: Lake, database: Database) -> None:
    assert ran("export", "R", "--format", "csv", "--out", "o").code == 0
    importing, imported = events_in(lake, "import")
    started, completed = events_in(lake, "run")
    exporting, exported = events_in(lake, "export.csv")
    for job in ("import", "run", "export.csv"):
        assert types_of(events_in(lake, job)) == ["START", "COMPLETE"]
    assert importing["run"]["runId"] == imported["run"]["runId"]
    assert exporting["run"]["runId"] == exported["run"]["runId"]
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
    files = {file["name"]: file["fields"] for file in exported["outputs"][0]["facets"]["schema"]["fields"]}
    assert list(files) == ["notes.csv", "entities.csv", "attributes.csv", "codes.csv", "sections.csv"]
    assert [(field["name"], field["type"]) for field in files["entities.csv"]][2:4] == [
        ("entity", "integer"),
        ("entity_type", "string"),
    ]


@pytest.mark.parametrize("form", Form)
def test_the_schema_of_an_export_is_that_of_its_files(ran: Call, folder: Path, form: Form) -> None:
    assert ran("export", "R", "--format", form.value, "--out", "o").code == 0
    shapes = columns_by_file(form)
    assert shapes.keys() == {path.name for path in (folder / "o").iterdir()} - {"export.json"}
    for name, columns in shapes.items():
        said = [column for column, _ in columns]
        if form is Form.PARQUET:
            written = pq.read_schema(folder / "o" / name).names
        else:
            line = (folder / "o" / name).read_text().splitlines()[0]
            written = sorted(json.loads(line)) if line.startswith("{") else line.split(",")
            said = sorted(said) if line.startswith("{") else said
        assert written == said


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


def test_an_import_that_stops_says_so_without_a_path(
    hctap: Call, folder: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("Miller, John.txt")

    (folder / "Miller, John.txt").write_text("Zebra fever.")
    monkeypatch.setattr("hctap_etl.importing.write_batch", fail)
    assert hctap("import", "Miller, John.txt").code == 4
    told = events_in(lake, "import")
    assert types_of(told) == ["START", "FAIL"]
    assert told[0]["run"]["runId"] == told[1]["run"]["runId"]
    assert told[1]["run"]["facets"]["errorMessage"]["message"] == "StoreUnavailable"
    assert "Miller" not in json.dumps(told)


def test_an_export_that_stops_says_so(ran: Call, folder: Path, lake: Lake) -> None:
    (folder / "Miller").write_text("no folder")
    assert ran("export", "R", "--format", "csv", "--out", "Miller").code == 2
    told = events_in(lake, "export.csv")
    assert types_of(told) == ["START", "FAIL"]
    assert "Miller" not in json.dumps(told)


def test_a_cancelled_run_says_so_once(hctap: Call, lake: Lake) -> None:
    assert hctap("run", "--extractor", "rules", "--queue", "--run-id", "R").code == 0
    for _ in range(2):
        assert hctap("runs", "cancel", "R").code == 0
    (told,) = events_in(lake, "run")
    assert (told["eventType"], told["run"]["runId"]) == ("ABORT", lineage_id("run", "R"))


class Disturbed(Alone):
    """Works until something happens."""

    def __init__(self, extractor: Extractor, happen: Callable[[], object]) -> None:
        super().__init__(extractor)
        self._happen = happen

    def work(self, tasks: Iterable[Task]) -> Generator[tuple[Task, Findings]]:
        """The findings of tasks, before which something happens."""
        for found in super().work(tasks):
            self._happen()
            yield found


def test_a_run_that_is_cancelled_while_it_works_says_so(runner: Runner, extractor: Extractor) -> None:
    crew = Disturbed(extractor, lambda: queue.cancel_run(runner.database, "R"))
    runner = replace(runner, crew=crew, lineage=open_lineage(runner.lake, None))
    stored = runner.work(runner.choose(RunChoice("R"))[0])
    assert stored.run.status is RunStatus.CANCELLED
    assert types_of(events_in(runner.lake, "run")) == ["START", "ABORT"]


def test_a_worker_whose_run_is_cancelled_says_so(work: QueueWork, monkeypatch: pytest.MonkeyPatch) -> None:
    work = replace(work, lineage=open_lineage(work.lake, None))
    defer(work, "R")
    run_no = runs.find_run(work.database, "R").run_no
    work.plan(run_no)

    def take_and_cancel(database: Database, stored: StoredRun, shard: int) -> Task:
        task = take_task(database, stored, shard)
        queue.cancel_run(database, "R")
        return task

    monkeypatch.setattr("hctap_etl.working.take_task", take_and_cancel)
    work.work(run_no, 0)
    assert types_of(events_in(work.lake, "run")) == ["START", "ABORT"]


def test_a_run_that_an_unexpected_error_ends_says_so(runner: Runner, extractor: Extractor) -> None:
    def break_down() -> None:
        raise KeyError("Mrs. Miller")

    runner = replace(runner, crew=Disturbed(extractor, break_down), lineage=open_lineage(runner.lake, None))
    stored, _ = runner.choose(RunChoice("R"))
    with pytest.raises(KeyError):
        runner.work(stored)
    told = events_in(runner.lake, "run")
    assert types_of(told) == ["START", "FAIL"]
    assert told[1]["run"]["facets"]["errorMessage"]["message"] == "An unexpected KeyError."
    assert runs.find_run(runner.database, "R").error == "An unexpected KeyError."


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
