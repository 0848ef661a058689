import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Outcome

from hctap_stores.lake.lake import Lake

WORDS = "Zebra fever and cough. Denies gout."
NOTES = {"a": WORDS, "dup": WORDS, "b": "Aspirin 81 mg daily."}


@pytest.fixture
def ran(hctap: Callable[..., Outcome], folder: Path) -> Callable[..., Outcome]:
    """The command line, with the run R over three notes behind it."""
    lines = [json.dumps({"note_id": name, "specialty": "S", "text": text}) + "\n" for name, text in NOTES.items()]
    (folder / "Miller, John.jsonl").write_text("".join(lines))
    assert hctap("import", "Miller, John.jsonl").code == 0
    assert hctap("run", "--extractor", "rules", "--run-id", "R").code == 0
    return hctap


def events_in(lake: Lake, job: str) -> list[dict[str, Any]]:
    found = [lake.enriched.read(item.key) for item in lake.enriched.list(f"lineage/{job}/")]
    return sorted((json.loads(item.data) for item in found if item), key=lambda event: str(event["eventTime"]))
