"""A run that repeats another note by note takes over what was counted and written for that."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Outcome

from hctap_etl import finishing
from hctap_etl.products import producing
from hctap_stores.database import coverage, statistics
from hctap_stores.database.connection import Database
from hctap_stores.database.runs import find_run
from hctap_stores.lake.lake import Lake

Hctap = Callable[..., Outcome]
TEXTS = {"a": "Denies fever. Aspirin 81 mg daily.", "b": "Chest pain.", "c": "Chest pain.", "d": ""}


def _import(hctap: Hctap, path: Path, **more: str) -> None:
    records = [{"note_id": note_id, "specialty": "Urology", "text": text} | more for note_id, text in TEXTS.items()]
    path.write_text("\n".join(map(json.dumps, records)))
    hctap("import", "--replace", path)


def _products(lake: Lake, run_id: str) -> dict[str, bytes]:
    found = {}
    for item in lake.enriched.list():
        if f"/run={run_id}/" in item.key and item.key.startswith(("silver/", "gold/")):
            there = lake.enriched.read(item.key)
            assert there is not None
            found[item.key.replace(f"run={run_id}", "run=R")] = there.data
    return found


def _statistics(database: Database, run_id: str) -> list[tuple[Any, ...]]:
    query = "SELECT name, specialty, value FROM run_statistics JOIN runs USING (run_no) WHERE run_id = %s ORDER BY 1, 2"
    with database.transaction() as connection:
        return connection.execute(query, (run_id,)).fetchall()


def _rates(database: Database, run_id: str) -> dict[str, float]:
    found = find_run(database, run_id).run.counts.coverage
    return dict(found.rates) if found else {}


def _refuse(*_: object) -> None:
    raise AssertionError


def test_an_unchanged_run_counts_nothing_anew(
    hctap: Hctap, lake: Lake, database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _import(hctap, folder / "notes.jsonl")
    hctap("run", "ONE", "--extractor", "rules")
    with monkeypatch.context() as patch:
        patch.setattr(producing, "_counted", _refuse)
        patch.setattr(producing, "write_entities", _refuse)
        patch.setattr(finishing, "write_entities", _refuse)
        patch.setattr(statistics, "_TOLD", "no SQL")
        patch.setattr(coverage, "measure_coverage", _refuse)
        assert hctap("run", "TWO", "--extractor", "rules", "--incremental").code == 0
    # A third one leans on the second.
    assert hctap("run", "THREE", "--extractor", "rules", "--incremental").code == 0
    assert _products(lake, "ONE")
    assert _products(lake, "ONE") == _products(lake, "TWO") == _products(lake, "THREE")
    assert _statistics(database, "ONE")
    assert _statistics(database, "ONE") == _statistics(database, "TWO") == _statistics(database, "THREE")
    assert _rates(database, "ONE")
    assert _rates(database, "ONE") == _rates(database, "TWO") == _rates(database, "THREE")


def test_other_facts_of_the_same_texts_are_counted_anew(
    hctap: Hctap, lake: Lake, database: Database, folder: Path
) -> None:
    _import(hctap, folder / "notes.jsonl")
    hctap("run", "ONE", "--extractor", "rules")
    _import(hctap, folder / "notes.jsonl", specialty="Cardiology")
    hctap("run", "TWO", "--extractor", "rules", "--incremental")
    hctap("run", "FULL", "--extractor", "rules", "--new")
    assert _products(lake, "ONE") != _products(lake, "TWO") == _products(lake, "FULL")
    assert _statistics(database, "ONE") != _statistics(database, "TWO") == _statistics(database, "FULL")


def test_products_that_are_gone_are_made_anew(hctap: Hctap, lake: Lake, folder: Path) -> None:
    _import(hctap, folder / "notes.jsonl")
    hctap("run", "ONE", "--extractor", "rules")
    before = _products(lake, "ONE")
    for item in list(lake.enriched.list("gold/")):
        lake.enriched.delete(item.key)
    assert hctap("run", "TWO", "--extractor", "rules", "--incremental").code == 0
    assert _products(lake, "TWO") == before
