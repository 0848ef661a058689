"""Notes that lost their line ends on the way."""

import pytest

from hctap_nlp.extractors.rules import RulesExtractor
from hctap_nlp.line_ends import with_line_feeds

# As some record systems export a note: what were line ends are runs of spaces.
NOTE = (
    "Chief Complaint: eye check    HPI: vision is stable   Denies eye pain.    Asthma/COPD? No   Migraines? Yes"
    "    Past Medical History:   Diagnosis Date   • Hypertension    • UTI     last spring    • Gout"
    "    FH:   Family History   Problem Relation   • Glaucoma Mother    Review of systems:  all other"
    " systems negative    IMPRESSION:"
    "   1. Cataract   - stable    PLAN:   - continue timolol BID   - return if pain"
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("No fever.\r\nCough.\rWell.", "No fever. \nCough.\nWell."),
        ("wrapped   by   some system", "wrapped   by   some system"),
        ("a   b    c" * 8, "a\n  b\n\n  c" * 8),
        ("one line\nand   a   table   of   many   columns   with   wide   gaps   in   it", None),
    ],
    ids=["carriage returns", "too few gaps", "lost line ends", "lines that are there"],
)
def test_line_ends_are_line_feeds_each_at_its_place(text: str, wanted: str | None) -> None:
    assert with_line_feeds(text) == (text if wanted is None else wanted)
    assert len(with_line_feeds(text)) == len(text)


def test_a_note_that_lost_its_line_ends_has_its_sections(extractor: RulesExtractor) -> None:
    found = [(section.header, section.type) for section in extractor.extract(NOTE).sections]
    assert found == [
        ("Chief Complaint", "chief_complaint"),
        ("HPI", "history_of_present_illness"),
        ("Past Medical History", "past_medical_history"),
        ("FH", "family_history"),
        ("Family History", "family_history"),
        ("Review of systems", "review_of_systems"),
        ("IMPRESSION", "impression"),
        ("PLAN", "plan"),
    ]


def test_what_a_line_says_stays_in_its_line(extractor: RulesExtractor) -> None:
    records = extractor.extract(NOTE).entity_records("n", "r")
    assert all(NOTE[record["begin"] : record["end"]] == record["text"] for record in records)
    said = {record["text"]: {name for name, is_so in record["assertion"].items() if is_so} for record in records}
    wanted = {
        "eye pain": {"negated"},
        "Asthma": {"negated"},
        "COPD": {"negated"},
        "Migraines": set[str](),
        "Hypertension": set[str](),
        "UTI": {"historical"},
        "Gout": set[str](),
        "Glaucoma": {"family"},
        "Cataract": set[str](),
        "pain": {"hypothetical"},
    }
    assert {name: said[name] for name in wanted} == wanted
