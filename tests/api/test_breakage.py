"""Changes of the contract that break clients are found, others are not."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hctap_api.breakage import find_breaks, main

CONTRACTS = Path(__file__).parents[2] / "contracts"
PRESENT: dict[str, Any] = json.loads((CONTRACTS / "openapi.json").read_text())
Change = Callable[[dict[str, Any]], object]


def schemas(contract: dict[str, Any]) -> dict[str, Any]:
    return dict(contract["components"]["schemas"])


BREAKING: dict[str, Change] = {
    "GET /v1/notes is gone": lambda c: c["paths"]["/v1/notes"].pop("get"),
    "GET /v1/runs 200 is answered no more": lambda c: c["paths"]["/v1/runs"]["get"]["responses"].pop("200"),
    "GET /v1/runs 200 has no next_cursor any more": lambda c: schemas(c)["RunPage"]["properties"].pop("next_cursor"),
    "GET /v1/audit 200.entries[].at is integer and was string": lambda c: schemas(c)["AuditEntry"]["properties"][
        "at"
    ].update(type="integer"),
    "GET /v1/runs needs the parameter ward": lambda c: c["paths"]["/v1/runs"]["get"]["parameters"].append(
        {"in": "query", "name": "ward", "required": True, "schema": {"type": "string"}}
    ),
    "POST /v1/extract body needs ward": lambda c: schemas(c)["ExtractRequest"]["required"].append("ward"),
    "POST /v1/entities/search body.order may not be score any more": lambda c: schemas(c)["Order"]["enum"].remove(
        "score"
    ),
}
HARMLESS: dict[str, Change] = {
    "a route": lambda c: c["paths"].update({"/v2": {"get": {"responses": {}}}}),
    "a member of an answer": lambda c: schemas(c)["RunPage"]["properties"].update(more={"type": "string"}),
    "a member of a request": lambda c: schemas(c)["ExtractRequest"]["properties"].update(more={"type": "string"}),
    "a value of a request": lambda c: schemas(c)["Order"]["enum"].append("length"),
    "words": lambda c: c["info"].update(description="Other words."),
}


@pytest.mark.parametrize("says", BREAKING)
def test_what_breaks_clients_is_said(says: str) -> None:
    changed = copy.deepcopy(PRESENT)
    BREAKING[says](changed)
    assert says in find_breaks(PRESENT, changed)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_only_more_breaks_nobody(name: str) -> None:
    changed = copy.deepcopy(PRESENT)
    HARMLESS[name](changed)
    assert find_breaks(PRESENT, changed) == []


def test_the_released_contract_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(CONTRACTS / "released" / "openapi.json"), str(CONTRACTS / "openapi.json")]) == 0
    less = copy.deepcopy(PRESENT)
    del less["paths"]["/v1/notes"]
    (tmp_path / "less.json").write_text(json.dumps(less))
    assert main([str(CONTRACTS / "openapi.json"), str(tmp_path / "less.json")]) == 1
    assert "breaks clients: GET /v1/notes is gone" in capsys.readouterr().err
