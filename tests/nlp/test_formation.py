"""Words outside the vocabulary that their ending names."""

import pytest

from hctap_nlp.extractors.rules import RulesExtractor
from hctap_nlp.vocabulary.curated import read_table


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("Left meniscoplasty was done.", "PROCEDURE", "Left meniscoplasty"),
        ("Operation: tarsectomy.", "PROCEDURE", "tarsectomy"),
        ("Pathology: periappendicitis.", "PROBLEM", "periappendicitis"),
        ("She has chronic ethmoiditis.", "PROBLEM", "chronic ethmoiditis"),
        ("Status post left hip fracture.", "PROBLEM", "left hip fracture"),
        ("post-operative wound infection", "PROBLEM", "post-operative wound infection"),
    ],
)
def test_a_word_is_named_by_its_ending_and_widened_by_its_modifiers(
    extractor: RulesExtractor, text: str, kind: str, said: str
) -> None:
    assert (kind, said) in [(m.type, text[m.begin : m.end]) for m in extractor.extract(text).mentions]


@pytest.mark.parametrize(
    "text", ["Dorsal lithotomy position.", "Seen under microscopy.", "She is from Oklahoma.", "A diploma."]
)
def test_a_word_that_only_looks_so_is_left_alone(extractor: RulesExtractor, text: str) -> None:
    assert [m.source for m in extractor.extract(text).mentions if m.source.startswith("ending:")] == []


def test_an_ending_says_why(extractor: RulesExtractor) -> None:
    (mention,) = extractor.extract("Tarsectomy.").mentions
    assert (mention.method, mention.source, mention.codes) == ("rule", "ending:ectomy", ())


@pytest.mark.parametrize(
    ("text", "norm"),
    [("Denies vomitting.", "vomiting"), ("type 2 diabetis", "diabetes mellitus"), ("Metforman 500 mg", "metformin")],
)
def test_a_slip_of_the_keys_is_known_for_what_was_meant(extractor: RulesExtractor, text: str, norm: str) -> None:
    assert norm in [mention.norm for mention in extractor.extract(text).mentions]


def test_no_slip_is_listed_twice_or_is_itself_right() -> None:
    slips = [word for listed in (read_table("misspellings.yaml") or {}).values() for word in listed]
    assert len(slips) == len(set(slips))
    assert not set(slips) & set(read_table("misspellings.yaml"))
