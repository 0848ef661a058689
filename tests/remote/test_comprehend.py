"""Comprehend Medical's answers as our records; the answers are checked against the model of the service."""

from typing import Any

import pytest
from tests.remote.conftest import Script

from hctap_core.entities import Entity
from hctap_core.errors import NoteRefused
from hctap_nlp.sections import SectionFinder
from hctap_remote.comprehend import MOST_BYTES, MOST_BYTES_LINKING, ComprehendExtractor
from hctap_remote.metering import Account
from hctap_remote.prices import load_prices

TEXT = "PMH: 😀 café. Mother had gout. Denies chest pain.\nMeds: lisinopril 10 mg daily. EKG normal."


def found(words: str, category: str, kind: str, text: str = TEXT, **more: Any) -> dict[str, Any]:
    begin = text.index(words)
    return {
        "BeginOffset": begin, "EndOffset": begin + len(words), "Text": words, "Category": category, "Type": kind,
        "Score": 0.91234, **more,
    }  # fmt: skip


def part(kind: str, words: str) -> dict[str, Any]:
    begin = TEXT.index(words)
    return {"Type": kind, "BeginOffset": begin, "EndOffset": begin + len(words), "Text": words}


def traits(*names: str) -> list[dict[str, Any]]:
    return [{"Name": name, "Score": 0.9} for name in names]


GOUT = found("gout", "MEDICAL_CONDITION", "DX_NAME", Traits=traits("DIAGNOSIS", "PERTAINS_TO_FAMILY"))
PAIN = found("chest pain", "MEDICAL_CONDITION", "DX_NAME", Traits=traits("SYMPTOM", "NEGATION"))
DRUG = found(
    "lisinopril",
    "MEDICATION",
    "GENERIC_NAME",
    Attributes=[
        part("FREQUENCY", "daily"),
        part("STRENGTH", "10 mg"),
        {"Type": "RATE", "BeginOffset": 0, "EndOffset": 3, "Text": "PMH"},
    ],
)
NAME = found("café", "PROTECTED_HEALTH_INFORMATION", "NAME")
EKG = found("EKG", "TEST_TREATMENT_PROCEDURE", "TEST_NAME")
NOWHERE = {**EKG, "Text": "MRI of the brain"}


def make(script: Script, sections: SectionFinder, limit: float | None = None) -> tuple[ComprehendExtractor, Account]:
    account = Account(limit)
    return ComprehendExtractor(script.client, load_prices(), account, sections, script.caller), account


def script_note(script: Script, entities: list[dict[str, Any]]) -> None:
    script.stubber.add_response(
        "detect_entities_v2", {"Entities": entities, "UnmappedAttributes": [], "ModelVersion": "3.0.0"}, {"Text": TEXT}
    )
    concepts = [
        {"Code": "M10.9", "Description": "Gout, unspecified", "Score": 0.8},
        {"Code": "M10", "Description": "Gout", "Score": 0.9},
    ]
    script.stubber.add_response(
        "infer_icd10_cm",
        {"Entities": [{**GOUT, "Traits": [], "ICD10CMConcepts": concepts}], "ModelVersion": "2026.1"},
        {"Text": TEXT},
    )
    rx = {**DRUG, "Attributes": [], "RxNormConcepts": [{"Code": "29046", "Description": "lisinopril", "Score": 0.99}]}
    script.stubber.add_response("infer_rx_norm", {"Entities": [rx], "ModelVersion": "2025.7"}, {"Text": TEXT})


def test_entities_attributes_traits_and_codes(comprehend: Script, sections: SectionFinder) -> None:
    script_note(comprehend, [PAIN, GOUT, DRUG, NAME, EKG, NOWHERE])
    extractor, account = make(comprehend, sections)
    extraction = extractor.extract(TEXT)
    records = extraction.entity_records("n", "r")
    for record in records:
        Entity.model_validate(record)
        assert TEXT[record["begin"] : record["end"]] == record["text"]
    assert [(r["text"], r["entity_type"]) for r in records] == [
        ("gout", "PROBLEM"), ("chest pain", "PROBLEM"), ("lisinopril", "MEDICATION"), ("EKG", "TEST"),
    ]  # fmt: skip
    gout, pain, drug, _ = records
    assert (gout["assertion"]["family"], gout["assertion"]["negated"]) == (True, False)
    assert pain["assertion"]["negated"]
    assert pain["provenance"]["cues"][0]["rule"] == "comprehend-medical.NEGATION"
    assert [(c["system"], c["code"], c["release"]) for c in gout["codes"]] == [
        ("ICD-10-CM", "M10", "2026.1"), ("ICD-10-CM", "M10.9", "2026.1"),
    ]  # fmt: skip
    assert [(a["type"], a["text"]) for a in drug["attributes"]] == [("STRENGTH", "10 mg"), ("FREQUENCY", "daily")]
    assert drug["codes"][0]["code"] == "29046"
    assert gout["score"] == 0.9123
    assert gout["provenance"]["source"] == "comprehend-medical:3.0.0"
    usage = extraction.usage
    assert usage is not None
    assert (usage.requests, usage.units, usage.dropped) == (3, 3, 1)
    assert usage.cost_usd == pytest.approx(0.01 + 0.0005 + 0.00025)
    assert account.spent == usage.cost_usd
    comprehend.stubber.assert_no_pending_responses()


def test_codes_are_not_asked_for_where_nothing_could_have_them(comprehend: Script, sections: SectionFinder) -> None:
    comprehend.stubber.add_response("detect_entities_v2", {"Entities": [EKG], "ModelVersion": "3"}, {"Text": TEXT})
    extraction = make(comprehend, sections)[0].extract(TEXT)
    assert [mention.type for mention in extraction.mentions] == ["TEST"]
    assert extraction.usage is not None
    assert extraction.usage.requests == 1


def test_a_long_note_goes_in_windows_and_nothing_comes_twice(comprehend: Script, sections: SectionFinder) -> None:
    sentence = "Fièvre 😀, then gout again. "
    text = sentence * 900
    pieces: list[str] = []

    def answer(operation: str, concepts: str | None, limit: int) -> None:
        from hctap_remote.comprehend import OVERLAP
        from hctap_remote.windows import cut_windows

        for window in cut_windows(text, limit, OVERLAP):
            piece = text[window.begin : window.end]
            pieces.append(piece)
            places = [at for at in range(len(piece)) if piece.startswith("gout", at)]
            entities = [
                {
                    "BeginOffset": at, "EndOffset": at + 4, "Text": "gout", "Category": "MEDICAL_CONDITION",
                    "Type": "DX_NAME", "Score": 0.9,
                    **({concepts: [{"Code": "M10.9", "Score": 0.9}]} if concepts else {}),
                }
                for at in places
            ]  # fmt: skip
            comprehend.stubber.add_response(operation, {"Entities": entities, "ModelVersion": "1"}, {"Text": piece})

    answer("detect_entities_v2", None, MOST_BYTES)
    answer("infer_icd10_cm", "ICD10CMConcepts", MOST_BYTES_LINKING)
    extraction = make(comprehend, sections)[0].extract(text)
    assert [(m.begin, m.end) for m in extraction.mentions] == [
        (at, at + 4) for at in range(len(text)) if text.startswith("gout", at)
    ]
    assert all(mention.codes for mention in extraction.mentions)
    assert len(pieces) > 4
    comprehend.stubber.assert_no_pending_responses()


def test_nothing_is_asked_beyond_the_limit(comprehend: Script, sections: SectionFinder) -> None:
    extractor, account = make(comprehend, sections, limit=0.005)
    with pytest.raises(NoteRefused):
        extractor.extract(TEXT)
    assert account.spent == 0
