"""Where sections begin and what they are about."""

import pytest

from hctap_core.sections import Section
from hctap_nlp.extractors.rules import RulesExtractor
from hctap_nlp.sections import SectionFinder, section_at

Found = list[tuple[str, str]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("PAST MEDICAL HISTORY: gout", [("PAST MEDICAL HISTORY", "past_medical_history")]),
        ("PMH: gout\nMeds: none", [("PMH", "past_medical_history"), ("Meds", "medications")]),
        ("Family History\nFather: gout", [("Family History", "family_history")]),
        (
            "SUBJECTIVE: , Cough.,OBJECTIVE:, Clear.,PLAN: , Rest.",
            [("SUBJECTIVE", "subjective"), ("OBJECTIVE", "objective"), ("PLAN", "plan")],
        ),
        ("The plan: rest", []),
        ("Patient has gout.", []),
        ("FINDINGS:\r\nClear.\r\nIMPRESSION:\r\nNormal.", [("FINDINGS", "findings"), ("IMPRESSION", "impression")]),
        ("MIRACULOUS OBSERVATIONS: none seen", [("MIRACULOUS OBSERVATIONS", "other")]),
        ("DISCHARGE SUMMARY\n\nALLERGIES: none", [("ALLERGIES", "allergies")]),  # a title opens no section
        ("BUN       34     61 H    78 H", []),  # a table row is no heading
        ("PMH:\n Diagnosis Date\n gout 2010", [("PMH", "past_medical_history")]),  # nor the head of its columns
        ("PSH:\n biopsy of the breast\n  IDC/DCIS\n", [("PSH", "past_surgical_history")]),  # nor a remark
    ],
)
def test_headings(extractor: RulesExtractor, text: str, wanted: Found) -> None:
    found = [(s.header, s.type) for s in extractor.extract(text).sections if s.header]
    assert found == wanted


def test_where_headings_are_in_capitals_others_are_subheadings(extractor: RulesExtractor) -> None:
    text = (
        "CHIEF COMPLAINT\nCough.\n\nREVIEW OF SYSTEMS\nWell.\n\nASSESSMENT\nGout.\nMedications: aspirin.\n\nPLAN\nRest."
    )
    assert [s.header for s in extractor.extract(text).sections] == [
        "CHIEF COMPLAINT",
        "REVIEW OF SYSTEMS",
        "ASSESSMENT",
        "PLAN",
    ]


def test_sections_cover_the_text_without_gaps(extractor: RulesExtractor) -> None:
    text = "Seen today.\nPMH: gout\nPlan: rest\n"
    sections = extractor.extract(text).sections
    assert sections[0].type == "unknown"
    assert [s.begin for s in sections[1:]] == [s.end for s in sections[:-1]]
    assert (sections[0].begin, sections[-1].end) == (0, len(text))
    for offset in range(len(text)):
        found = section_at(sections, offset)
        assert found is not None
        assert found.begin <= offset < found.end
    assert section_at(sections, len(text)) is None


def test_a_section_carries_the_loinc_code_of_its_type(extractor: RulesExtractor) -> None:
    records = extractor.extract("ALLERGIES:\nnone\nCOMPARISON:\nnone\n").section_records()
    assert [(Section.model_validate(record).type, record["loinc"]) for record in records] == [
        ("allergies", "48765-2"),
        ("comparison", None),
    ]


def test_a_line_of_history_ends_at_a_blank_line() -> None:
    finder = SectionFinder({"family_history": ["fhx", "family history"]})
    found = finder.find("Fhx: mother had gout\nfather: gout\n\nRash for two days.")
    assert [(section.type, section.begin) for section in found] == [("family_history", 0), ("unknown", 35)]
    # In capitals, or with nothing on its line, a heading holds until the next one.
    assert len(finder.find("FAMILY HISTORY: gout\n\nStroke.")) == 1
    assert len(finder.find("Family history:\n\nGout.\n\nStroke.")) == 1
