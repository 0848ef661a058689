"""The samples: what they must cover, and that the half kept for testing stays as it was written."""

import hashlib
import json
from pathlib import Path

import pytest

from hctap_core.gold import read_gold
from hctap_core.notes import Note

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
# The gold of samples/test was finished before any engine read the notes. A change needs a reason in the changelog.
FROZEN = "bcc875d00d1fa96a1dfcfd23f334949b09fb815f13f0fb32b816bc7242b3fe39"


def frozen_hash() -> str:
    digest = hashlib.sha256()
    for path in sorted((SAMPLES / "test" / "marked").glob("*.txt")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def read_notes(half: str) -> list[Note]:
    lines = (SAMPLES / half / "notes.jsonl").read_text(encoding="utf-8").split("\n")
    return [Note.model_validate_json(line) for line in lines if line]


def test_the_test_half_is_frozen() -> None:
    assert frozen_hash() == FROZEN


def test_there_are_at_least_sixty_notes_of_twelve_specialties() -> None:
    notes = read_notes("dev") + read_notes("test")
    assert len(notes) >= 60
    assert len({note.note_id for note in notes}) == len(notes)
    assert len({note.specialty for note in notes}) >= 12


@pytest.mark.parametrize("half", ["dev", "test"])
def test_every_gold_span_is_the_text_of_its_note(half: str) -> None:
    texts = {note.note_id: note.text for note in read_notes(half)}
    gold = read_gold((SAMPLES / half / "gold.jsonl").read_text(encoding="utf-8").split("\n"))
    assert {note.note_id for note in gold} == texts.keys()
    for note in gold:
        for entity in note.entities:
            assert texts[note.note_id][entity.begin : entity.end] == entity.text
            for attribute in entity.attributes:
                assert texts[note.note_id][attribute.begin : attribute.end] == attribute.text


@pytest.mark.parametrize("half", ["dev", "test"])
def test_every_gold_code_is_billable(half: str) -> None:
    from hctap_nlp.vocabulary.icd10cm import is_billable

    lines = (SAMPLES / half / "gold.jsonl").read_text(encoding="utf-8").split("\n")
    codes = {code["code"] for line in lines if line for e in json.loads(line)["entities"] for code in e["codes"]}
    assert codes
    assert [code for code in sorted(codes) if not is_billable(code)] == []
