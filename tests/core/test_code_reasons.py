"""Reasons of codes, in machine words and in words."""

import pytest

from hctap_core.code_reasons import CodeGround, CodeStep, explain_reason, is_of_vocabulary, kind_of, with_step


@pytest.mark.parametrize(
    ("reason", "kind", "says"),
    [
        ("curated", "curated", "curated term"),
        ("name", "name", "name in ICD-10-CM"),
        ("curated; detail: femoral; side: left", "side", "curated term; further words: femoral; side: left"),
        ("synonym; past", "past", "synonym of a name in ICD-10-CM; in the past"),
        ("", "", ""),
        ("of another version", "of another version", "of another version"),
        ("curated; of another version: x", "of another version", "curated; of another version: x"),
    ],
)
def test_a_reason_has_a_kind_and_words(reason: str, kind: str, says: str) -> None:
    assert kind_of(reason) == kind
    assert explain_reason(reason, "ICD-10-CM") == says


def test_every_word_of_the_vocabulary_has_words() -> None:
    for ground in CodeGround:
        for step in CodeStep:
            reason = with_step(ground, step, "this")
            assert explain_reason(reason, "HPO") != reason


def test_only_a_bare_ground_of_a_vocabulary_says_no_words_of_a_note() -> None:
    assert all(is_of_vocabulary(ground.value) for ground in CodeGround if ground is not CodeGround.SERVICE)
    others = ("", "service", "of its own", *(with_step("name", step, "left") for step in CodeStep))
    assert not any(map(is_of_vocabulary, others))
