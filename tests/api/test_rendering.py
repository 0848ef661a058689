"""What a text says is rendered as its record is."""

import json
from pathlib import Path

import pytest
from pydantic_core import to_json

from hctap_api.engine.rendering import render
from hctap_nlp.extractors import EXTRACTORS, load_extractor

SAMPLES = Path(__file__).parents[2] / "samples"
# Every letter that JSON escapes, and some that it need not.
ODD = "".join(map(chr, range(1, 0xA1))) + "\u2028\ufeff🩺"


@pytest.mark.stack
@pytest.mark.parametrize("name", EXTRACTORS)
def test_the_bytes_are_those_of_the_record(name: str, engine_home: Path) -> None:
    extractor = load_extractor(name, engine_home / "vocabulary", terms=engine_home / "terms")
    notes = [json.loads(line) for line in (SAMPLES / "dev" / "notes.jsonl").read_text("utf-8").splitlines()]
    texts = [*(note["text"] for note in notes), "", f'Fever{ODD}of "103"\tno cough.\nMEDS: aspirin {ODD} 81 mg "daily"']
    found: set[str] = set()
    for text in texts:
        extraction = extractor.extract(text)
        record = extraction.record('a "b"')
        assert render('a "b"', extraction) == to_json(record)
        found |= {kind for one in record["entities"] for kind in ("codes", "attributes") if one[kind]}
    assert "codes" in found
    assert name == "model" or "attributes" in found
