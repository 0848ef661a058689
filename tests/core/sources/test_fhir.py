import base64
import json
from pathlib import Path
from typing import Any

import pytest

from hctap_core.errors import MalformedRecord
from hctap_core.notes import MAX_RECORD_BYTES
from hctap_core.reasons import QuarantineReason
from hctap_core.sources.fhir import read_resource, resource_in
from hctap_core.sources.files import find_files, read_file

TEXT = "Fever – 39 °C.\r\n\tNo cough 😀."


def document(text: str | bytes = TEXT, kind: str | None = "text/plain", **more: Any) -> dict[str, Any]:
    data = base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()
    attachment: dict[str, Any] = {"data": data} | ({"contentType": kind} if kind else {})
    return {"resourceType": "DocumentReference", "id": "n1", "content": [{"attachment": attachment}]} | more


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [{"fullUrl": f"urn:uuid:{number}", "resource": resource} for number, resource in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def test_a_document_is_a_note_with_what_is_known_of_it() -> None:
    patient = {"resourceType": "Patient", "id": "p", "identifier": [{"value": "MRN 7"}]}
    whole = document(
        identifier=[{"value": "urn:oid:1/2"}],
        subject={"reference": "urn:uuid:0"},
        type={"coding": [{"code": "11488-4", "display": "Consult note"}]},
        date="2025-04-22T11:05:00Z",
        context={"practiceSetting": {"text": "Cardiology"}, "encounter": [{"reference": "Encounter/e9"}]},
    )
    (record,) = read_resource("f", bundle(patient, whole, {"resourceType": "Condition"}), "Unknown")
    assert record.note
    note = record.note
    assert (note.note_id, note.text, note.patient_id, note.encounter_id) == ("urn:oid:1_2", TEXT, "MRN 7", "e9")
    assert (note.note_type, note.specialty) == ("Consult note", "Cardiology")
    assert note.authored_at
    assert note.authored_at.isoformat() == "2025-04-22T11:05:00+00:00"


@pytest.mark.parametrize(
    ("subject", "patient_id"),
    [
        ({"reference": "Patient/7"}, "7"),
        ({"reference": "https://ehr.example/fhir/Patient/7"}, "7"),
        ({"reference": "Patient/7/_history/1"}, "7"),
        ({"reference": "https://ehr.example/fhir/Patient/p/_history/3"}, "p"),
        ({"reference": "Patient/known/_history/2"}, "MRN 7"),
        ({"reference": "#p1"}, None),
        ({"reference": "#inside"}, "MRN 8"),
        ({"reference": "urn:uuid:9"}, None),
        ({"identifier": {"value": " MRN 9 "}}, "MRN 9"),
        ({"identifier": {"value": " "}, "reference": "Patient/7"}, "7"),
        ({"display": "Jane"}, None),
    ],
)
def test_the_patient_is_the_one_that_is_referred_to(subject: dict[str, Any], patient_id: str | None) -> None:
    known = {"resourceType": "Patient", "id": "known", "identifier": [{"value": "MRN 7"}]}
    inside = [{"resourceType": "Patient", "id": "inside", "identifier": [{"value": "MRN 8"}]}, {"id": "p1"}]
    whole = document(
        subject=subject, contained=inside, context={"encounter": [{"reference": "Encounter/e/_history/4"}]}
    )
    (record,) = read_resource("f", bundle(known, whole), "Unknown")
    assert record.note
    assert (record.note.patient_id, record.note.encounter_id) == (patient_id, "e")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (TEXT, None),
        (TEXT, "text/plain; charset=UTF-8"),
        ("Größe", "text/plain;charset=utf-8"),
        ("Größe".encode("latin-1"), 'text/plain; charset="ISO-8859-1"'),
        ("cough", "text/plain; charset=us-ascii"),
    ],
)
def test_charsets(text: str | bytes, kind: str | None) -> None:
    (record,) = read_resource("f", document(text, kind), "Unknown")
    assert record.note
    assert record.note.text == (text if isinstance(text, str) else "Größe")


@pytest.mark.parametrize(
    ("resource", "reason", "detail"),
    [
        (document("x", "application/pdf"), QuarantineReason.SCHEMA, "not text/plain"),
        (document("x", "text/plain; charset=ebcdic-9"), QuarantineReason.SCHEMA, "charset"),
        (document("x", "text/plain; charset=\udcff\0"), QuarantineReason.SCHEMA, "charset"),
        (document(b"caf\xe9"), QuarantineReason.NOT_UTF8, "byte 3"),
        (document("  "), QuarantineReason.EMPTY_TEXT, "empty"),
        (document(content=[]), QuarantineReason.SCHEMA, "no data inside"),
        (document(content=[{"attachment": {"url": "http://x"}}]), QuarantineReason.SCHEMA, "no data inside"),
        (document(content=[{"attachment": {"data": "%%"}}]), QuarantineReason.SCHEMA, "not base64"),
        (document(content=["x"]), QuarantineReason.SCHEMA, "no data inside"),
        (document(id=None), QuarantineReason.SCHEMA, "neither identifier nor id"),
        (document(status="entered-in-error"), QuarantineReason.SCHEMA, "entered in error"),
        (document(status="current", docStatus="entered-in-error"), QuarantineReason.SCHEMA, "entered in error"),
        (document(date="yesterday evening"), QuarantineReason.SCHEMA, "authored_at"),
        (bundle({"resourceType": "Patient"}), QuarantineReason.SCHEMA, "no DocumentReference"),
        (bundle(), QuarantineReason.SCHEMA, "no DocumentReference"),
    ],
)
def test_what_has_no_text_says_why(resource: dict[str, Any], reason: QuarantineReason, detail: str) -> None:
    (record,) = read_resource("f", resource, "Unknown")
    assert isinstance(record.fault, MalformedRecord)
    assert (record.fault.reason, detail in record.fault.detail) == (reason, True), record.fault.detail


def test_several_attachments_and_bundles_in_bundles() -> None:
    two = document()
    two["content"] = two["content"] * 2
    records = list(read_resource("f", bundle(two, bundle(document(id="n2"))), "Unknown"))
    assert [record.note.note_id if record.note else None for record in records] == ["n1-1", "n1-2", "n2"]


def test_the_patients_of_a_bundle_in_a_bundle_are_known_there_alone() -> None:
    patients = [
        {"resourceType": "Patient", "id": "p", "identifier": [{"value": value}]} for value in ("MRN 1", "MRN 2")
    ]
    notes = [document(id=f"n{number}", subject={"reference": "Patient/p"}) for number in range(4)]
    whole = bundle(notes[0], bundle(patients[0], notes[1]), bundle(patients[1], notes[2]), notes[3])
    records = [record.note for record in read_resource("f", whole, "Unknown")]
    found = [(note.note_id, note.patient_id) for note in records if note]
    assert found == [("n0", "p"), ("n1", "MRN 1"), ("n2", "MRN 2"), ("n3", "p")]


def test_a_partial_date_is_left_out() -> None:
    resource = document()
    resource["content"][0]["attachment"]["creation"] = "2025-04"
    (record,) = read_resource("f", resource, "Unknown")
    assert record.note
    assert record.note.authored_at is None


def test_what_is_no_fhir_is_left_to_others() -> None:
    for data in (b"{}", b'{"resourceType": "Patient"}', b'"resourceType"', b'{"resourceType": "Bundle"', b"[" * 9999):
        assert resource_in(data) is None
    note = {"note_id": "a", "specialty": "s", "text": 'a "resourceType" in words'}
    assert resource_in(json.dumps(note).encode()) is None


def test_files_and_lines_hold_bundles_beside_notes(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(bundle(document())))
    note = json.dumps({"note_id": "n3", "specialty": "s", "text": "x"})
    (tmp_path / "b.ndjson").write_text(json.dumps(document(id="n2")) + "\n" + note + "\n")
    padding = "\n" * MAX_RECORD_BYTES
    (tmp_path / "c.json").write_text(json.dumps(bundle(document(id="n4"))) + padding)
    (tmp_path / "d.json").write_text(note + padding)
    records = [record for file in find_files([tmp_path]) for record in read_file(file)]
    assert [record.note.note_id if record.note else None for record in records] == ["n1", "n2", "n3", "n4", None]
    assert records[-1].fault
    assert records[-1].fault.reason is QuarantineReason.TOO_LARGE
