import json
from pathlib import Path

import pytest
from benchmarks.cost import write_distinct
from benchmarks.throughput import ENGINE, ETL, POSTGRES, S3, Passed, Throughput, measure
from benchmarks.throughput_page import last_line, line_by_cpu, line_of_unchanged, render_page

from hctap_embedded.stack import Stack
from hctap_nlp.vocabulary.build import ensure


def _way(workers: int, seconds: float) -> Passed:
    return Passed(workers, seconds, {ETL: 6.0, POSTGRES: 3.0, S3: 1.0}, working=seconds - 1)


FOUND = Throughput(
    1000,
    3_000_000,
    2.0,
    (Passed(1, 8.0, {ENGINE: 8.0}), Passed(2, 4.0, {ENGINE: 8.5})),
    (_way(1, 10.0), _way(2, 6.0)),
    Passed(2, 0.3, {ETL: 0.4, POSTGRES: 0.1, S3: 0.0}),
    1.3,
)


def test_figures_are_shares_of_what_was_measured() -> None:
    assert FOUND.ratios == pytest.approx((0.8, 2 / 3))
    assert last_line(FOUND) == "ratio=0.67 scaling=1.67"
    assert line_of_unchanged(FOUND) == "incremental=0.050"
    assert line_by_cpu(FOUND) == "by CPU: incremental=0.050 ratio=0.80 load=1.3"
    page = render_page(FOUND, "2 cores")
    assert "| 1 | 125 notes/s | 100 notes/s | 0.80 | 8.0 | 6.0 | 3.0 | 1.0 | 40% | 0.80 |" in page
    assert "| 2 | 250 notes/s | 167 notes/s | 0.67 | 8.5 | 6.0 | 3.0 | 1.0 | 40% | 0.85 |" in page
    assert "takes 0.3 s, 5.0% of the first with as many workers\n(0.5 CPU s, 5.0%)." in page
    assert "the machine's load average over a minute was 1.3." in page
    assert (
        "With one worker, 9.0 s of 10.0 s pass from the first shard's begin to the commit of\n"
        "the last one: 111 notes/s, 0.89 of the engine alone.\nWith 2 workers, 5.0 s of 6.0 s pass"
    ) in page
    assert "Two workers are 1.67 times as fast as one, the engine alone 2.00 times." in page


def test_notes_are_repeated_until_there_are_enough(tmp_path: Path) -> None:
    notes, out = tmp_path / "notes.jsonl", tmp_path / "out.jsonl"
    notes.write_text('{"text": "Fever"}\n{"text": "Gout"}\n')
    assert write_distinct(notes, out, 5, is_filled=True) == [len("Fever\nRecord 0."), 14, 15, 14, 15]
    texts = [json.loads(line)["text"] for line in out.read_text().splitlines()]
    assert len(set(texts)) == 5
    assert len(write_distinct(notes, out, 5)) == 2


@pytest.mark.stack
def test_a_small_measurement(tmp_path: Path, stack: Stack) -> None:
    notes = tmp_path / "notes.jsonl"
    notes.write_text('{"text": "Fever and cough. Aspirin 81 mg daily."}\n')
    ensure(stack.home / "vocabulary")
    found = measure(notes, 4, stack.home / "vocabulary", workers=(1,))
    assert (found.notes, [way.workers for way in found.whole]) == (4, [1])
    assert 0 < found.ratio < 1
    assert 0 < found.whole[0].working < found.whole[0].seconds
    assert found.whole[0].cpu[ETL] > 0.3
    assert min(found.whole[0].cpu[POSTGRES], found.whole[0].cpu[S3], found.engine[0].cpu[ENGINE]) >= 0
