"""Shares of right mentions: balanced over corpora, smoothed, between 0 and 1, and higher where more is right."""

from pathlib import Path

import pytest
import yaml
from benchmarks.calibration import (
    PRIOR,
    Judged,
    calibration_error,
    judge,
    load_halves,
    reliability,
    render_shares,
    shares_of,
)
from benchmarks.materials import load_notes

from hctap_core.errors import UnsupportedInput
from hctap_nlp.extractors import load_extractor
from hctap_nlp.scores import Scores

SAMPLES = Path(__file__).parents[2] / "samples" / "dev"


def judged(corpus: str, source: str, right: int, wrong: int) -> list[Judged]:
    key = (source, "word", "TEST")
    return [Judged(corpus, key, 0.5, number < right) for number in range(right + wrong)]


def test_corpora_count_the_same_however_long_they_are() -> None:
    shares = shares_of(judged("long", "a", 900, 0) + judged("short", "a", 0, 10))
    share, count = shares["any", "word", "TEST"]
    assert (share, count) == pytest.approx((0.5, 910))


def test_a_source_that_found_little_is_drawn_towards_any() -> None:
    shares = shares_of(judged("c", "much", 800, 200) + judged("c", "little", 0, 2))
    mean = shares["any", "word", "TEST"][0]
    assert shares["little", "word", "TEST"][0] == pytest.approx(mean * PRIOR / (2 + PRIOR))
    assert shares["much", "word", "TEST"][0] == pytest.approx(0.8, abs=0.01)


def test_more_right_means_a_higher_share_and_never_more_than_one() -> None:
    shares = [
        shares_of(judged("c", "a", right, 50 - right) + judged("c", "b", 25, 25))["a", "word", "TEST"][0]
        for right in range(51)
    ]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1


def test_the_table_is_what_the_engine_reads() -> None:
    shares = shares_of(judged("c", "a", 30, 20) + judged("c", "b", 50, 0))
    table = yaml.safe_load(render_shares(shares, {"c": 7}, "a command"))
    assert next(iter(table["shares"])) == "any, word"
    assert Scores(table["shares"]).of("a", "TEST", "sodium") == round(shares["a", "word", "TEST"][0], 2)
    assert table["shares"]["a, word"]["TEST"].endswith(" of 50")


def test_reliability_compares_scores_with_shares() -> None:
    key = ("a", "word", "TEST")
    found = [Judged("c", key, 0.9, number < 9) for number in range(10)]
    found += [Judged("c", key, 0.2, number < 4) for number in range(10)]
    bins = reliability(found, (0.5,))
    assert [pytest.approx(one) for one in bins] == [(0.2, 0.4, 10), (0.9, 0.9, 10)]
    assert calibration_error(bins) == pytest.approx(0.1)


def test_mentions_of_the_samples_are_judged(tmp_path_factory: pytest.TempPathFactory) -> None:
    extractor = load_extractor("rules", tmp_path_factory.mktemp("vocabulary"))
    found = list(judge(extractor, {"samples": load_notes(SAMPLES)[:5]}))
    assert len(found) > 30
    assert all(0 <= one.score <= 1 for one in found)
    assert sum(one.is_right for one in found) > len(found) / 2


def test_a_corpus_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedInput, match=r"maccrobat2020\.train\.jsonl"):
        load_halves(tmp_path, SAMPLES, "train")
