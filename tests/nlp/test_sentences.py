"""Where a sentence ends in a clinical note."""

import pytest

from hctap_nlp.sentences import Sentences


def cut(text: str) -> list[str]:
    sentences, at, found = Sentences(text), 0, []
    while at < len(text):
        begin, end = sentences.at(at)
        found.append(text[begin:end].strip())
        at = end
    return [one for one in found if one]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("No fever. Has cough.", ["No fever.", "Has cough."]),
        ("Seen by Dr. Smith today. Well.", ["Seen by Dr. Smith today.", "Well."]),
        ("Takes 1 tab p.o. b.i.d. for pain.", ["Takes 1 tab p.o. b.i.d. for pain."]),
        ("Temp 98.6 today", ["Temp 98.6 today"]),
        ("BP in the 200s. Her cough persists.", ["BP in the 200s.", "Her cough persists."]),
        ("No fever\nCough present", ["No fever", "Cough present"]),
        (
            "He denies any chest pain at rest and reports no\nshortness of breath.",
            ["He denies any chest pain at rest and reports no\nshortness of breath."],
        ),
        ("aspirin 81 mg\nlisinopril 10 mg", ["aspirin 81 mg", "lisinopril 10 mg"]),
        (
            "amlodipine                10 mg   PO   daily      Continue\napixaban                  5 mg",
            [
                "amlodipine                10 mg   PO   daily      Continue",
                "apixaban                  5 mg",
            ],
        ),
        ("- no cough\n- fever", ["- no cough", "- fever"]),
        ("no fever today. c/o cough", ["no fever today.", "c/o cough"]),
        ("Take 1 tab. daily for 2 wks. with food", ["Take 1 tab. daily for 2 wks. with food"]),
        ("Denies chest pain,\nnausea or cough", ["Denies chest pain,\nnausea or cough"]),
        ("He did not need intubation or\nBiPAP.", ["He did not need intubation or\nBiPAP."]),
        ("Low vitamin D. She takes it.", ["Low vitamin D.", "She takes it."]),
        ("Braces, ice etc. MRI showed a tear.", ["Braces, ice etc.", "MRI showed a tear."]),
        ("No fever.\n\nPlan", ["No fever.", "Plan"]),
    ],
)
def test_sentences(text: str, wanted: list[str]) -> None:
    assert cut(text) == wanted
