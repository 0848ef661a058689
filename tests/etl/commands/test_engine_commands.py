"""The commands of the engine, which need no store."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.command_line import Outcome

Call = Callable[..., Outcome]


@pytest.fixture
def note(folder: Path) -> Path:
    path = folder / "note.txt"
    path.write_text("PMH: hypertension.\nDenies chest pain. Lisinopril 10 mg PO daily.", encoding="utf-8")
    return path


def test_explain_names_row_cue_attribute_and_code(hctap: Call, note: Path) -> None:
    told = hctap("explain", note, "--extractor", "rules")
    said = " ".join(told.out.split())
    assert told.code == 0
    assert "hypertension PROBLEM said in PMH: hypertension. Denies chest pain." in said
    assert "[past medical history, 5:17]" in said
    assert "found by the vocabulary row curated:chest pain" in said
    assert 'because of "Denies" at 19:25, which reaches "chest pain.", rule negated.forward:denies' in said
    assert 'frequency "daily" = 1/d, at' in said
    assert "code ICD-10-CM I10" in said


def test_explain_refuses_what_is_no_text(hctap: Call, folder: Path) -> None:
    (folder / "bad.txt").write_bytes(b"\xff")
    assert hctap("explain", folder / "bad.txt").code == 2


def test_given_spans_come_back_as_they_are(hctap: Call, folder: Path) -> None:
    source, out = folder / "given.jsonl", folder / "out.jsonl"
    text = "No fever. Mother had gout."
    spans = [{"start": 21, "end": 25, "label": "PROBLEM"}, {"start": 3, "end": 8, "label": "PROBLEM"}]
    source.write_text(json.dumps({"id": "a", "text": text, "entities": spans}) + "\n")
    assert hctap("extract", source, "--given-spans", "--extractor", "rules", "-o", out).code == 0
    record = json.loads(out.read_text())
    found = [(e["begin"], e["end"], e["assertion"]["negated"], e["assertion"]["family"]) for e in record["entities"]]
    assert found == [(21, 25, False, True), (3, 8, True, False)]
    assert record["entities"][0]["codes"]


@pytest.mark.parametrize(
    "span",
    [{"start": 0, "end": 99, "label": "PROBLEM"}, {"start": 0, "end": 2, "label": "X"}, {"end": 2}, 7],
    ids=["outside", "unknown label", "no begin", "a number"],
)
def test_a_given_span_that_makes_no_sense_is_left_out_and_said(hctap: Call, folder: Path, span: object) -> None:
    source = folder / "given.jsonl"
    source.write_text(json.dumps({"id": "a", "text": "No fever.", "entities": [span]}) + "\n")
    told = hctap("extract", source, "--given-spans", "--extractor", "rules")
    assert told.code == 3
    assert "line 1" in told.err


def test_the_vocabulary_names_its_sources_and_licences(hctap: Call) -> None:
    told = hctap("vocabulary", "info")
    assert told.code == 0
    for word in ("curated", "icd10cm", "hpo", "public domain", "concepts", "Hash"):
        assert word in told.out
    assert hctap("vocabulary", "build").out == told.out


def test_a_model_is_trained_from_a_plan(hctap: Call, folder: Path) -> None:
    entity = {"start": 7, "end": 11, "std": "PROBLEM"}
    (folder / "c.jsonl").write_text(json.dumps({"id": 1, "text": "He has gout today.", "entities": [entity]}) + "\n")
    (folder / "n.jsonl").write_text(json.dumps({"id": 2, "text": "SUBJECTIVE: well. " * 30, "entities": []}) + "\n")
    plan = folder / "plan.yaml"
    plan.write_text(
        "corpora:\n"
        "  - {name: c, genre: case_report, licence: own, files: [c.jsonl]}\n"
        "  - {name: n, genre: note, licence: own, chunk: 400, files: [n.jsonl]}\n"
        "taggers:\n  - {name: t, genre: case_report, labels: [PROBLEM], corpora: [c]}\n"
    )
    told = hctap("train", folder, "--plan", plan, "--out", folder / "model")
    assert told.code == 0
    assert "t.crf" in told.out
    assert json.loads((folder / "model" / "card.json").read_text())["taggers"] == {"case_report": ["t.crf"]}
    assert hctap("train", folder / "nowhere", "--plan", plan, "--out", folder / "model").code == 2
