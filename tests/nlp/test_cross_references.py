"""Cross-references of the disease ontology, keys of names, and descriptors in annotators' codes."""

import pytest

from hctap_nlp.cross_references import CrossReferences, lines_of
from hctap_nlp.statistical.names import descriptors_in
from hctap_nlp.vocabulary.artefact import Compiled
from hctap_nlp.vocabulary.variants import key_of

ROWS = {
    "DOID:557": ["kidney disease", "N08", "D007674"],
    "DOID:3393": ["coronary artery disease", "I25.10 I25 I20-I25", "D003324 D017202"],
    "DOID:26": ["pancreas disease", "K86.8"],
}
TITLES = {"N08": "a", "I25.10": "b", "I25": "c", "I20-I25": "d", "K86.8": "e"}


def test_diseases_are_found_by_descriptor_and_by_name() -> None:
    references = CrossReferences(lines_of(ROWS, TITLES))
    heart = references.of_descriptors(["D999999", "D017202"])
    assert heart is not None
    assert (heart.doid, heart.icd) == ("DOID:3393", (("I25.10", "b"), ("I25", "c"), ("I20-I25", "d")))
    assert references.of_name(key_of("Kidney diseases")) == references.of_descriptors(["D007674"])
    assert references.of_descriptors([]) is references.of_name("gout") is None
    assert CrossReferences("").diseases == []


def test_the_shipped_rows_have_titles_and_are_a_source(vocabulary: Compiled) -> None:
    references = CrossReferences(vocabulary.header["tables"]["cross_references"])
    source = next(one for one in vocabulary.header["sources"] if one["name"] == "doid")
    assert source["rows"] == len(references.diseases) > 3000
    assert all(title for disease in references.diseases for _, title in disease.icd)
    assert all(disease.doid.startswith("DOID:") and disease.icd for disease in references.diseases)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tumours", "tumor"),
        ("haemolytic anaemias", "hemolytic anemia"),
        ("leucocytoclastic vasculitis", "leukocytoclastic vasculitis"),
        ("neuropathies", "neuropathy"),
        ("Torsade-de-pointes", "torsade de pointes"),
    ],
)
def test_names_of_one_thing_have_one_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


def test_different_names_have_different_keys() -> None:
    assert len({key_of(name) for name in ("sepsis", "stress", "lupus", "mass", "gas", "ties")}) == 6


def test_descriptors_are_read_from_codes() -> None:
    assert descriptors_in("MESH:D006470|D003556") == ("D006470", "D003556")
    assert descriptors_in("MESH/OMIM:D007674+D006222+137215") == ("D007674", "D006222")
    assert descriptors_in("MESH:-1") == descriptors_in("") == ()
