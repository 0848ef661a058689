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
from hctap_core.extractions import Extracted, ExtractedBatch
from hctap_core.ledgers import LedgerPage, RunPage
from hctap_core.old_shapes import OldConfig, OldExtraction, OldNote, OldStats
from hctap_core.permissions import AuditPage, Identity
from hctap_core.runs import Run
from hctap_core.searches import EntityPage
from hctap_core.vocabularies import CodeFound, ModelsInfo, TermsFound, VocabularyInfo

MODEL_OF_PATH: dict[str, type[BaseModel]] = {
    "/health": Health,
    "/version": Version,
    "/ready": Readiness,
    "/v1/notes": NotePage,
    "/v1/notes/{note_id}": NoteDocument,
    "/notes/{note_id}": OldNote,
    "/stats/latest": OldStats,
    "/stats/run/{run_id}": OldStats,
    "/extract": OldExtraction,
    "/config": OldConfig,
    "/v1/runs/latest": Run,
    "/runs/latest": Run,
    "/v1/runs": RunPage,
    "/v1/runs/{run_id}": Run,
    "/v1/runs/{run_id}/notes": LedgerPage,
    "/v1/runs/{run_id}/quarantine": LedgerPage,
    "/v1/runs/{run_id}/compare/{other_id}": Comparison,
    "/v1/runs/{run_id}/compare/{other_id}/notes": ChangedNotes,
    "/v1/runs/{run_id}/compare/{other_id}/notes/{note_id}": NoteComparison,
    "/v1/entities/search": EntityPage,
    "/v1/audit": AuditPage,
    "/v1/me": Identity,
    "/v1/extract": Extracted,
    "/v1/extract/batch": ExtractedBatch,
    "/v1/vocabulary": VocabularyInfo,
    "/v1/models": ModelsInfo,
    "/v1/vocabulary/codes/{system}/{code}": CodeFound,
    "/v1/vocabulary/terms/search": TermsFound,
}
CONTRACT: dict[str, Any] = json.loads(render())
OPERATIONS = {path: operation for path, methods in CONTRACT["paths"].items() for operation in methods.values()}


def test_it_is_the_same_bytes_each_time() -> None:
    assert render() == render()
    assert render().endswith("}\n")


def test_it_has_every_route_and_nothing_else() -> None:
    assert OPERATIONS.keys() == MODEL_OF_PATH.keys() | {"/search"}
    assert all(len(methods) == 1 for methods in CONTRACT["paths"].values())


@pytest.mark.parametrize("path", MODEL_OF_PATH)
def test_every_example_is_what_the_route_answers(path: str) -> None:
    content = OPERATIONS[path]["responses"]["200"]["content"]["application/json"]
    MODEL_OF_PATH[path].model_validate(content["example"])
    assert content["schema"] == {"$ref": f"#/components/schemas/{MODEL_OF_PATH[path].__name__}"}


@pytest.mark.parametrize("path", MODEL_OF_PATH)
def test_every_error_is_declared_as_a_problem(path: str) -> None:
    responses = OPERATIONS[path]["responses"]
    errors = {status: answer for status, answer in responses.items() if status != "200"}
    assert "default" in errors
    for status, answer in errors.items():
        content = answer["content"]["application/problem+json"]
        assert list(answer["content"]) == ["application/problem+json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        if status != "default":
            assert Problem.model_validate(content["example"]).status == int(status)


@pytest.mark.parametrize("path", [path for path in MODEL_OF_PATH if path not in {"/health", "/version"}])
def test_whatever_needs_a_store_can_be_unavailable(path: str) -> None:
    assert "Retry-After" in OPERATIONS[path]["responses"]["503"]["headers"]


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
