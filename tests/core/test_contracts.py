"""The generated files: fresh, and true to what the readers accept."""

import json
from pathlib import Path

from hctap_core.contracts import SCHEMAS, main, render_all, render_schema, stale_files

ROOT = Path(__file__).parents[2]


def test_the_committed_contracts_and_samples_are_fresh() -> None:
    assert stale_files(render_all(ROOT)) == []


def test_a_note_may_come_without_its_hashes() -> None:
    schema = json.loads(render_schema("note"))
    assert schema["required"] == ["note_id", "specialty", "text"]


def test_the_entity_contract_keeps_the_nine_names() -> None:
    fields = set(SCHEMAS["entity"].model_fields)
    nine = {"note_id", "run_id", "entity_type", "text", "norm_text", "begin", "end", "score", "section"}
    assert nine <= fields


def test_check_names_what_is_stale(tmp_path: Path) -> None:
    assert main([str(tmp_path), "--check"]) == 1
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0
    (tmp_path / "contracts" / "note.schema.json").write_text("{}")
    assert main([str(tmp_path), "--check"]) == 1
