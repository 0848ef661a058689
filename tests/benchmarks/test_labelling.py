"""From chunks to labels to the page about agreement."""

from pathlib import Path

import pytest
from benchmarks.__main__ import main
from benchmarks.labels import read_labels
from tests.benchmarks.texts import CHUNK

ROOT = Path(__file__).parents[2]


@pytest.fixture
def chunk(tmp_path: Path) -> Path:
    path = tmp_path / "chunk.txt"
    path.write_text(CHUNK, encoding="utf-8")
    return path


def test_chunks_become_labels_and_labels_a_page(chunk: Path, tmp_path: Path) -> None:
    first, second, page = tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "page.md"
    assert main(["labels", str(chunk), "--annotators", "a", "--out", str(first)]) == 0
    chunk.write_text(CHUNK.replace("[[asthma||PROBLEM family]]", "asthma"), encoding="utf-8")
    assert main(["labels", str(chunk), "--annotators", "b", "--out", str(second)]) == 0
    assert main(["agreement", str(first), str(second), "--out", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "2 passages with 60 characters" in text
    assert "| PROBLEM | 2 | 1 | 66.7 |" in text.replace(" (66.7–66.7)", "")
    assert "asthma" not in text


def test_labels_of_nothing_in_common_cannot_agree(chunk: Path, tmp_path: Path) -> None:
    first, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    main(["labels", str(chunk), "--annotators", "a", "--out", str(first)])
    chunk.write_text("=== n7 [H]\nNothing.\n", encoding="utf-8")
    main(["labels", str(chunk), "--annotators", "b", "--out", str(other)])
    assert main(["agreement", str(first), str(other), "--out", str(tmp_path / "page.md")]) == 2


@pytest.mark.parametrize(
    "name", ["mtsamples_medications", "mtsamples_family_history", "mtsamples_sections", "mtsamples_narrative"]
)
def test_the_labels_that_are_kept_are_settled_from_both_annotators(name: str) -> None:
    settled = read_labels(ROOT / "benchmarks" / "labels" / f"{name}.jsonl")
    apart = {
        who: {
            labels.id: labels for labels in read_labels(ROOT / "benchmarks" / "labels" / "annotators" / f"{who}.jsonl")
        }
        for who in ("a", "b")
    }
    assert len(settled) >= 50
    for labels in settled:
        spans = {(e.entity_type, e.begin, e.end) for e in labels.entities}
        marked = [{(e.entity_type, e.begin, e.end) for e in apart[who][labels.id].entities} for who in apart]
        assert {labels.sha256} == {apart[who][labels.id].sha256 for who in apart}
        assert marked[0] & marked[1] <= spans  # what both marked was kept
