"""The contract: complete, true and stable."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from hctap_api.openapi import render, write
from hctap_core.answers import Health, NoteDocument, NotePage, Problem, Readiness, Version
from hctap_core.comparisons import ChangedNotes, Comparison, NoteComparison
from hctap_core.deletions import DeletionAccepted
from hctap_core.exports import Export, ExportAccepted, ExportList
from hctap_core.extractions import Extracted, ExtractedBatch
from hctap_core.golds import (
    EvaluationAccepted,
    EvaluationErrorPage,
    EvaluationList,
    EvaluationReport,
    GoldSet,
    GoldSetList,
)
from hctap_core.ledgers import LedgerPage, RunPage
from hctap_core.note_searches import NotesFound
from hctap_core.old_shapes import OldConfig, OldExtraction, OldNote, OldStats
from hctap_core.orders import RunAccepted, RunProgress, WorkerList
from hctap_core.permissions import AuditPage, Identity
from hctap_core.reviews import (
    Agreement,
    Decision,
    Review,
    ReviewDocument,
    ReviewList,
    ReviewTaskPage,
    StateWritten,
)
from hctap_core.runs import Manifest, Run
from hctap_core.schedules import Schedule, ScheduleList
from hctap_core.searches import EntityPage
from hctap_core.statistics import Cooccurrence, Freshness, RunStatistics, Timeline, TopTerms, Trend
from hctap_core.uploads import Upload, UploadAccepted
from hctap_core.vocabularies import CodeFound, ModelsInfo, TermsFound, VocabularyInfo

Route = tuple[str, str]
MODEL_OF_ROUTE: dict[Route, type[BaseModel]] = {
    ("get", "/health"): Health,
    ("get", "/version"): Version,
    ("get", "/ready"): Readiness,
    ("get", "/v1/notes"): NotePage,
    ("get", "/v1/notes/{note_id}"): NoteDocument,
    ("get", "/notes/{note_id}"): OldNote,
    ("get", "/stats/latest"): OldStats,
    ("get", "/stats/run/{run_id}"): OldStats,
    ("post", "/extract"): OldExtraction,
    ("get", "/config"): OldConfig,
    ("get", "/v1/runs/latest"): Run,
    ("get", "/runs/latest"): Run,
    ("get", "/v1/runs"): RunPage,
    ("get", "/v1/runs/{run_id}"): Run,
    ("get", "/v1/runs/{run_id}/notes"): LedgerPage,
    ("get", "/v1/runs/{run_id}/quarantine"): LedgerPage,
    ("get", "/v1/runs/{run_id}/compare/{other_id}"): Comparison,
    ("get", "/v1/runs/{run_id}/compare/{other_id}/notes"): ChangedNotes,
    ("get", "/v1/runs/{run_id}/compare/{other_id}/notes/{note_id}"): NoteComparison,
    ("post", "/v1/notes/search"): NotesFound,
    ("post", "/v1/entities/search"): EntityPage,
    ("get", "/v1/audit"): AuditPage,
    ("get", "/v1/me"): Identity,
    ("post", "/v1/extract"): Extracted,
    ("post", "/v1/extract/batch"): ExtractedBatch,
    ("get", "/v1/vocabulary"): VocabularyInfo,
    ("get", "/v1/models"): ModelsInfo,
    ("get", "/v1/vocabulary/codes/{system}/{code}"): CodeFound,
    ("post", "/v1/vocabulary/terms/search"): TermsFound,
    ("post", "/v1/runs"): RunAccepted,
    ("get", "/v1/runs/{run_id}/statistics"): RunStatistics,
    ("get", "/v1/runs/{run_id}/statistics/terms"): TopTerms,
    ("get", "/v1/runs/{run_id}/statistics/pairs"): Cooccurrence,
    ("get", "/v1/trend"): Trend,
    ("get", "/v1/freshness"): Freshness,
    ("post", "/v1/patients/timeline"): Timeline,
    ("get", "/v1/reviews"): ReviewList,
    ("post", "/v1/reviews"): Review,
    ("get", "/v1/reviews/{name}"): Review,
    ("get", "/v1/reviews/{name}/tasks"): ReviewTaskPage,
    ("get", "/v1/reviews/{name}/tasks/{task_no}"): ReviewDocument,
    ("get", "/v1/reviews/{name}/agreement"): Agreement,
    ("post", "/v1/reviews/{name}/promote"): GoldSet,
    ("put", "/v1/reviews/{name}/tasks/{task_no}/decisions/{item}"): Decision,
    ("put", "/v1/reviews/{name}/tasks/{task_no}/state"): StateWritten,
    ("get", "/v1/exports"): ExportList,
    ("post", "/v1/exports"): ExportAccepted,
    ("get", "/v1/exports/{export_no}"): Export,
    ("post", "/v1/exports/{export_no}/retry"): ExportAccepted,
    ("delete", "/v1/notes/{note_id}"): DeletionAccepted,
    ("post", "/v1/notes"): UploadAccepted,
    ("post", "/v1/notes/files"): UploadAccepted,
    ("get", "/v1/uploads/{upload_no}"): Upload,
    ("get", "/v1/gold"): GoldSetList,
    ("get", "/v1/runs/{run_id}/evaluations"): EvaluationList,
    ("get", "/v1/runs/{run_id}/evaluations/{gold_name}"): EvaluationReport,
    ("get", "/v1/runs/{run_id}/evaluations/{gold_name}/errors"): EvaluationErrorPage,
    ("post", "/v1/runs/{run_id}/evaluations"): EvaluationAccepted,
    ("post", "/v1/runs/{run_id}/cancel"): RunAccepted,
    ("post", "/v1/runs/{run_id}/resume"): RunAccepted,
    ("post", "/v1/runs/{run_id}/quarantine/retry"): RunAccepted,
    ("get", "/v1/runs/{run_id}/progress"): RunProgress,
    ("get", "/v1/runs/{run_id}/manifest"): Manifest,
    ("get", "/v1/workers"): WorkerList,
    ("get", "/v1/schedules"): ScheduleList,
    ("put", "/v1/schedules/{name}"): Schedule,
    ("delete", "/v1/schedules/{name}"): Schedule,
}
CONTRACT: dict[str, Any] = json.loads(render())
OPERATIONS = {
    (method, path): operation for path, methods in CONTRACT["paths"].items() for method, operation in methods.items()
}


def test_it_is_the_same_bytes_each_time() -> None:
    assert render() == render()
    assert render().endswith("}\n")


def test_it_has_every_route_and_nothing_else() -> None:
    assert OPERATIONS.keys() == MODEL_OF_ROUTE.keys() | {
        ("get", "/search"),
        ("get", "/metrics"),
        ("get", "/v1/exports/{export_no}/files/{name}"),
        ("get", "/v1/notes/{note_id}/fhir"),
    }


@pytest.mark.parametrize("route", MODEL_OF_ROUTE)
def test_every_example_is_what_the_route_answers(route: Route) -> None:
    responses = OPERATIONS[route]["responses"]
    success = min(status for status in responses if status.startswith("2"))
    content = responses[success]["content"]["application/json"]
    MODEL_OF_ROUTE[route].model_validate(content["example"])
    assert content["schema"] == {"$ref": f"#/components/schemas/{MODEL_OF_ROUTE[route].__name__}"}


@pytest.mark.parametrize("route", MODEL_OF_ROUTE)
def test_every_error_is_declared_as_a_problem(route: Route) -> None:
    responses = OPERATIONS[route]["responses"]
    errors = {status: answer for status, answer in responses.items() if not status.startswith("2")}
    assert "default" in errors
    for status, answer in errors.items():
        content = answer["content"]["application/problem+json"]
        assert list(answer["content"]) == ["application/problem+json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        if status != "default":
            assert Problem.model_validate(content["example"]).status == int(status)


@pytest.mark.parametrize("route", [route for route in MODEL_OF_ROUTE if route[1] not in {"/health", "/version"}])
def test_whatever_needs_a_store_can_be_unavailable(route: Route) -> None:
    assert "Retry-After" in OPERATIONS[route]["responses"]["503"]["headers"]


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(CONTRACT)
    for reference in {part.split('"')[0] for part in text.split('"$ref": "')[1:]}:
        place: Any = CONTRACT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


def test_every_operation_has_its_own_id_and_words() -> None:
    identifiers = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(identifiers)) == len(identifiers)
    assert all(operation["description"].endswith(".") for operation in OPERATIONS.values())


@pytest.mark.stack
def test_the_running_api_answers_with_it(api_url: str) -> None:
    assert httpx.get(f"{api_url}/openapi.json").json() == CONTRACT


def test_the_committed_contract_is_fresh() -> None:
    assert write([str(Path(__file__).parents[2] / "contracts" / "openapi.json"), "--check"]) == 0


def test_a_stale_contract_is_said_and_written_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "openapi.json"
    assert write([str(path), "--check"]) == 1
    assert "make contracts" in capsys.readouterr().err
    assert write([str(path)]) == 0
    assert path.read_text(encoding="utf-8") == render()
    assert write([str(path), "--check"]) == 0
