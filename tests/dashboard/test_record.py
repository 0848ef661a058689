"""What a note says of its patient, as a record."""

from typing import Any

from hctap_core.answers import NoteDocument
from hctap_core.notes import note_from_record
from hctap_dashboard.record import Medication, Problem, Result, read_record
from hctap_dashboard.record_panel import show_record

NOTHING = dict.fromkeys(("negated", "uncertain", "historical", "hypothetical", "family"), False)


def entity(kind: str, text: str, *, section: str = "plan", **more: Any) -> dict[str, Any]:
    assertion = NOTHING | dict.fromkeys(more.pop("asserted", ()), True)
    attributes = [
        {"type": name, "text": value, "begin": 0, "end": len(value)} for name, value in more.pop("attributes", ())
    ]
    return {
        "note_id": "n", "run_id": "r", "entity_type": kind, "text": text, "norm_text": more.pop("norm", text.lower()),
        "begin": 0, "end": len(text), "score": 1, "section": section, "assertion": assertion, "attributes": attributes,
        "provenance": {"extractor": "rules", "version": "1", "method": "rule", "source": "s"}, **more,
    }  # fmt: skip


def document(*entities: dict[str, Any]) -> NoteDocument:
    note = note_from_record({"note_id": "n", "specialty": "x", "text": "x" * 99})
    return NoteDocument.model_validate(note.model_dump() | {"run_id": "r", "entities": entities})


CODE = {"system": "ICD-10-CM", "code": "I10"}


def test_problems_are_put_together_and_told_apart_by_whose_they_are() -> None:
    record = read_record(
        document(
            entity("PROBLEM", "HTN", norm="hypertension", asserted=("historical",)),
            entity("PROBLEM", "Hypertension", codes=[CODE]),
            entity("PROBLEM", "stroke", asserted=("historical",)),
            entity("PROBLEM", "stroke", asserted=("uncertain",)),
            entity("PROBLEM", "fever", asserted=("negated",)),
            entity("PROBLEM", "gout", asserted=("family",)),
        )
    )
    assert record.problems == (
        Problem("hypertension", "ICD-10-CM I10", (), 2),
        Problem("stroke", "", ("historical", "uncertain"), 2),
    )
    assert [problem.name for problem in record.absent] == ["fever"]
    assert [problem.name for problem in record.family] == ["gout"]


def test_a_regimen_is_read_in_its_order_and_what_is_denied_is_not_taken() -> None:
    regimen = [("FREQUENCY", "twice daily"), ("STRENGTH", "5 mg"), ("ROUTE", "PO"), ("STATUS", "stopped")]
    record = read_record(
        document(
            entity("MEDICATION", "Lasix", norm="furosemide", attributes=regimen),
            entity("MEDICATION", "Lasix", norm="furosemide", attributes=regimen),
            entity("MEDICATION", "aspirin", asserted=("negated",)),
        )
    )
    assert record.medications == (Medication("furosemide", "5 mg", "PO twice daily", "stopped"),)


def test_tests_have_their_values_and_flags() -> None:
    values = [("UNIT", "g/dL"), ("VALUE", "9.8"), ("FLAG", "L"), ("REFERENCE_RANGE", "12-16")]
    record = read_record(document(entity("TEST", "Hemoglobin", attributes=values), entity("TEST", "EKG")))
    assert record.results == (Result("Hemoglobin", "9.8 g/dL", "L", "12-16"), Result("EKG", "", "", ""))
    shown = show_record(record)
    assert '9.8 g/dL <span class="hc-flag">L</span>' in shown
    assert "Named without a result: EKG." in shown
    assert "Reference" in shown
    assert "Reference" not in show_record(read_record(document(entity("TEST", "Hemoglobin", attributes=values[:2]))))


def test_what_stands_among_the_allergies_is_not_taken() -> None:
    allergy = entity("MEDICATION", "penicillin", section="allergies")
    record = read_record(document(allergy, entity("PROBLEM", "rash", section="allergies")))
    assert record.allergies == ("penicillin",)
    assert record.medications == ()
    assert record.problems == ()
    assert "<h2>Allergies</h2>" in show_record(record)


def test_a_note_of_nothing_says_so_and_no_value_becomes_markup() -> None:
    assert "nothing of this kind" in show_record(read_record(document()))
    evil = '<img src="x">'
    kinds = ("PROBLEM", "MEDICATION", "TEST", "PROCEDURE")
    shown = show_record(read_record(document(*(entity(kind, evil, attributes=[("VALUE", evil)]) for kind in kinds))))
    assert "<img" not in shown
