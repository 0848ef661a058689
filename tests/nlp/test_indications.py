"""What a drug is taken for as needed."""

import pytest

from hctap_nlp.extractors.rules import RulesExtractor


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Tramadol 50 mg q6h prn back pain", "back pain"),
        ("Tylenol as needed for fever or headache.", "fever or headache"),
        ("Zofran 4 mg p.r.n. nausea, vomiting", "nausea, vomiting"),
        ("Ibuprofen 600 mg PRN for severe pain, with food", "severe pain"),
        ("Trazodone 50 mg qhs prn for sleep", "sleep"),
        ("Oxycodone 5 mg q4h prn, dispense 10", None),
        ("Senna 1 tab as needed. Pain is controlled.", None),
        ("Lasix prn, and aspirin for stroke", None),
    ],
)
def test_reasons(extractor: RulesExtractor, text: str, reason: str | None) -> None:
    (drug, *_) = (m for m in extractor.extract(text).mentions if m.type == "MEDICATION")
    assert [a.norm for a in drug.attributes if a.type == "PRN"] == [reason]
