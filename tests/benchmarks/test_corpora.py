"""Corpora and labels of a folder, scored by the command: the whole way on invented texts."""

import json
from pathlib import Path

import pytest
from benchmarks.__main__ import main
from benchmarks.codes import CodeMap
from benchmarks.corpora import load_corpora, load_labelled, read_rules, score_corpus
from benchmarks.corpora_page import requests_about
from benchmarks.documents import Finding, Reading
from benchmarks.labels import LabelledEntity, LabelledText, hash_of, read_chunk, render_labels
from benchmarks.training import train_without
from tests.benchmarks.texts import CHUNK, PLAIN

from hctap_core.entities import EntityType
from hctap_core.errors import InvalidSpan, UnsupportedInput
from hctap_nlp.vocabulary.build import ensure

ROOT = Path(__file__).parents[2]
NOTE = "HISTORY: She has pneumonia.\nNo fever.\nMEDICATIONS: , " + PLAIN["n1@4"] + "\nFAMILY HISTORY: " + PLAIN["n2"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "labels").mkdir(parents=True)
    pneumonia, fever = NOTE.index("pneumonia"), NOTE.index("fever")
    entities = [
        {"start": pneumonia, "end": pneumonia + 9, "std": "PROBLEM", "negated": False, "code": "ICD-10-CM:J18.9"},
        {"start": fever, "end": fever + 5, "std": "PROBLEM", "negated": True},
    ]
    lines = [{"id": name, "text": NOTE, "entities": entities} for name in ("x", "y")]
    (folder / "tiny.dev.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    (folder / "tiny.train.jsonl").write_text(json.dumps(lines[0]) + "\n", encoding="utf-8")
    (folder / "notes.jsonl").write_text(json.dumps({"note_id": "n1", "text": NOTE}) + "\n", encoding="utf-8")
    (folder / "labels" / "own.jsonl").write_text(
        render_labels(passage.labels for passage in read_chunk(CHUNK, ("a",))), encoding="utf-8"
    )
    return folder


def test_the_command_writes_the_page(data: Path, tmp_path: Path, vocabulary_folder: Path) -> None:
    home, page = tmp_path / "home", tmp_path / "page.md"
    home.mkdir()
    (home / "vocabulary").symlink_to(vocabulary_folder)
    wrong = tmp_path / "wrong.md"
    options = ["--model", "shipped", "--home", str(home), "--out", str(page), "--wrong", str(wrong)]
    assert main(["corpora", str(data), *options]) == 0
    assert "## tiny.dev" in wrong.read_text(encoding="utf-8")
    text = page.read_text(encoding="utf-8")
    assert "have SEEN the corpora" in text
    assert "## tiny.dev" in text
    assert "Nothing to score in: notes.jsonl." in text
    assert "| assertion/negated | 2 | 100.0 (100.0–100.0) |" in text
    assert "| codes | 2 | 100.0 (100.0–100.0) |" in text
    assert "## own" in text  # n1@4 is found in n1, and only what was labelled is scored
    assert "| spans/MEDICATION/strict | 2 | 100.0 |" in text
    assert "spans/PROBLEM" not in text[text.index("## own") :]
    assert "397 labelled texts are not in the folder." in text  # n2, and the 246 + 150 that are kept with the code
    assert "pneumonia" not in text


def test_where_codes_alone_are_labelled_codes_alone_are_scored(data: Path) -> None:
    begin = NOTE.index("pneumonia")
    entity = LabelledEntity(begin=begin, end=begin + 9, entity_type=EntityType.PROBLEM, codes=("ICD-10-CM:J18.9",))
    labels = LabelledText(
        id="n1", characters=len(NOTE), sha256=hash_of(NOTE), annotators=("a", "b"), only="codes", entities=(entity,)
    )
    coded = data / "labels" / "coded.jsonl"
    coded.write_text(render_labels([labels]), encoding="utf-8")
    corpora, _ = load_labelled([data / "labels" / "own.jsonl", coded], [data])
    found = next(corpus for corpus in corpora if corpus.name == "coded")
    assert [corpus.name for corpus in corpora] == ["own", "coded"]  # nothing to pool: one file labels everything
    findings = tuple(
        Finding(m.begin, m.end, m.label, codes=(("ICD-10-CM", "J18.9"),)) for m in found.documents[0].mentions
    )
    readings = {document.id: Reading(findings, ()) for document in found.ask_about()}
    figures = score_corpus(found, readings, None, CodeMap())
    assert list(figures) == ["codes"]
    assert (figures["codes"].right, figures["codes"].wanted) == (1, 1)
    assert [request["id"] for request in requests_about([found])] == ["extract:coded/n1"]


def test_training_files_are_not_scored(data: Path) -> None:
    rules, _ = read_rules(ROOT / "benchmarks" / "corpora.yaml")
    corpora, left_out = load_corpora(data, rules)
    assert ([corpus.name for corpus in corpora], left_out) == (["tiny.dev"], ["notes.jsonl"])


def test_what_is_known_of_a_corpus_decides_what_is_scored(data: Path) -> None:
    corpora, left_out = load_corpora(data, {"tiny": {"labels": ["TEST"]}})
    assert (corpora, left_out) == ([], ["notes.jsonl", "tiny.dev.jsonl"])


def test_labels_of_another_text_are_refused(data: Path) -> None:
    (data / "notes.jsonl").write_text(json.dumps({"note_id": "n1", "text": NOTE.lower()}) + "\n", encoding="utf-8")
    with pytest.raises(InvalidSpan, match="n1@4"):
        load_labelled([data / "labels" / "own.jsonl"], [data])


def test_a_model_is_not_trained_without_its_corpora(data: Path, tmp_path: Path, vocabulary_folder: Path) -> None:
    with pytest.raises(UnsupportedInput, match="MODEL=shipped"):
        train_without(["tiny.dev.jsonl"], [data], ensure(vocabulary_folder), tmp_path, lambda *_: None)


def test_the_bar_lies_between_reach_and_aim() -> None:
    _, bar = read_rules(ROOT / "benchmarks" / "corpora.yaml")
    assert bar
    assert all(0 < row.reach < row.aim <= 100 for row in bar)
