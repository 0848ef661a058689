"""The engine as a spaCy component."""

from pathlib import Path

import pytest


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_component_fills_a_document(vocabulary_folder: Path, vocabulary: object) -> None:
    assert vocabulary is not None  # compiled before, so that this test only loads it
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("hctap", config={"vocabulary_folder": str(vocabulary_folder)})
    doc = nlp("PMH: gout. Denies pneumonia.")
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("gout", "PROBLEM"), ("pneumonia", "PROBLEM")]
    assert doc.ents[1]._.hctap["assertion"]["negated"]
    assert doc._.hctap[0]["type"] == "past_medical_history"
