"""Scores: shares from a table, for every source, shape and type."""

from itertools import product

import pytest

from hctap_core.entities import EntityType
from hctap_nlp.extractors.rules import RulesExtractor
from hctap_nlp.scores import ANY, Scores, shape_of, share_of
from hctap_nlp.vocabulary import curated

SHARES: dict[str, dict[str, str]] = curated.read_table("scores.yaml")["shares"]
SAID = {"short": "chf", "word": "pneumonia", "phrase": "chest pain"}


@pytest.mark.parametrize(("shape", "said"), SAID.items())
def test_a_shape_is_told_by_length_and_spaces(shape: str, said: str) -> None:
    assert shape_of(said) == shape


def test_every_share_is_one_and_says_of_how_many() -> None:
    cells = [said for by_type in SHARES.values() for said in by_type.values()]
    assert len(cells) > 30
    assert all(0 < share_of(said) < 1 and int(said.split(" of ")[1]) > 0 for said in cells)


@pytest.mark.parametrize(("kind", "shape"), list(product(EntityType, SAID)))
def test_every_type_has_a_score_from_any_source(kind: EntityType, shape: str) -> None:
    scores = Scores(SHARES)
    assert scores.of("a source that was never seen", kind, SAID[shape]) == share_of(SHARES[f"{ANY}, {shape}"][kind])
    assert 0 < scores.of("hpo", kind, SAID[shape]) < 1


def test_phrases_are_right_more_often_than_short_forms() -> None:
    scores = Scores(SHARES)
    for kind in ("PROBLEM", "ANATOMY", "PROCEDURE", "TEST"):
        assert scores.of(ANY, kind, SAID["phrase"]) > scores.of(ANY, kind, SAID["short"])


@pytest.mark.parametrize(
    ("source", "kind", "like"),
    [
        ("user:own.yaml:3", "PROBLEM", "curated"),
        ("import:snomed", "PROBLEM", "mesh-diseases"),
        ("import:rxnorm", "MEDICATION", "drugs"),
        ("import:loinc", "TEST", "curated"),
    ],
)
def test_what_users_bring_counts_as_what_is_most_like_it(source: str, kind: str, like: str) -> None:
    scores = Scores(SHARES)
    assert scores.of(source, kind, "zorblax") == scores.of(like, kind, "zorblax")


def test_mentions_carry_the_scores_of_the_table(extractor: RulesExtractor) -> None:
    found = {m.norm: m.score for m in extractor.extract("Chest pain, CHF, pneumonia.").mentions}
    shares = {shape: share_of(SHARES[f"curated, {shape}"]["PROBLEM"]) for shape in SAID}
    assert list(found.values()) == [shares["phrase"], shares["short"], shares["word"]]
