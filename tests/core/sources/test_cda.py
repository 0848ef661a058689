from pathlib import Path

import pytest

from hctap_core.errors import MalformedRecord
from hctap_core.reasons import QuarantineReason
from hctap_core.sources.cda import note_from_cda
from hctap_core.sources.files import find_files, read_file
from hctap_core.sources.xml_tree import read_xml

WHOLE = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc">
  <id root="2.16.840.1" extension="doc/7"/>
  <code code="34133-9" displayName="Summarization"/>
  <title>Continuity of
    Care</title>
  <effectiveTime value="20250422110500-0500"/>
  <languageCode code="en-US"/>
  <recordTarget><patientRole><id root="2.16" extension="p1"/></patientRole></recordTarget>
  <author><assignedAuthor><code displayName="Cardiology"/></assignedAuthor></author>
  <componentOf><encompassingEncounter><id extension="e1"/></encompassingEncounter></componentOf>
  <component><structuredBody>
    <component><section>
      <title>MEDICATIONS:</title>
      <text>
        <list><caption>Current</caption>
          <item>Lisinopril <content styleCode="Bold">10 mg</content>
            daily</item>
          <item/>
          <item>Aspirin</item>
        </list>
      </text>
      <entry><observation><text>not narrative</text></observation></entry>
    </section></component>
    <component><section>
      <title>Results &amp; more</title>
      <text><table><thead><tr><th>Test</th><th>Value</th></tr></thead>
        <tbody><tr><td>TSH</td><td>1.9 <sub>x</sub></td></tr></tbody></table>
        loose<br/>words &#233;😀<renderMultiMedia><caption>picture</caption></renderMultiMedia>
        <paragraph>Last.</paragraph></text>
      <component><section><title>Inner</title><text>Deep.</text></section></component>
    </section></component>
    <component><section><title>Empty</title></section></component>
  </structuredBody></component>
</ClinicalDocument>
"""
TEXT = """MEDICATIONS:
Current
- Lisinopril 10 mg daily
- Aspirin

Results & more:
Test\tValue
TSH\t1.9 x
loose
words é😀
Last.

Inner:
Deep.

Empty:"""


def plain(attribute: str, said: str) -> bytes:
    return minimal(f"<nonXMLBody><text {attribute}>{said}</text></nonXMLBody>")


def minimal(body: str, head: str = '<id extension="d"/>') -> bytes:
    return f"<ClinicalDocument>{head}<component>{body}</component></ClinicalDocument>".encode()


def test_sections_become_headings_and_lines() -> None:
    note = note_from_cda(WHOLE.encode(), "Unknown")
    assert note.text == TEXT
    assert (note.note_id, note.patient_id, note.encounter_id) == ("2.16.840.1.doc_7", "2.16.p1", "e1")
    assert (note.note_type, note.specialty, note.language) == ("Continuity of Care", "Cardiology", "en-US")
    assert note.authored_at
    assert note.authored_at.isoformat() == "2025-04-22T11:05:00-05:00"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_encodings_that_the_document_declares(encoding: str) -> None:
    body = "<nonXMLBody><text>Größe</text></nonXMLBody>"
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + minimal(body).decode()
    assert note_from_cda(text.encode(encoding), "Unknown").text == "Größe"


def test_a_plain_body() -> None:
    body = '<nonXMLBody><text mediaType="text/plain" representation="B64">RmV2ZXIu\n</text></nonXMLBody>'
    note = note_from_cda(minimal(body), "Ward 7")
    assert (note.note_id, note.text, note.specialty) == ("d", "Fever.", "Ward 7")


ENTITIES = b"""<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>
<ClinicalDocument><id extension="&b;"/></ClinicalDocument>"""
OUTSIDE = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><ClinicalDocument>&a;</ClinicalDocument>"""


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (ENTITIES, QuarantineReason.SCHEMA, "document type declaration"),
        (OUTSIDE, QuarantineReason.SCHEMA, "document type declaration"),
        (b"<a>" * 200 + b"</a>" * 200, QuarantineReason.SCHEMA, "nested deeper"),
        (b"<ClinicalDocument>", QuarantineReason.SCHEMA, "not well-formed"),
        (b"", QuarantineReason.SCHEMA, "not well-formed"),
        (b"not xml", QuarantineReason.SCHEMA, "not well-formed"),
        (b'<?xml version="1.0" encoding="x-none"?><a/>', QuarantineReason.SCHEMA, ""),
        (b"<html/>", QuarantineReason.SCHEMA, "no ClinicalDocument"),
        (b"<ClinicalDocument/>", QuarantineReason.SCHEMA, "has no id"),
        (minimal(""), QuarantineReason.EMPTY_TEXT, "empty"),
        (
            plain('mediaType="application/pdf"', "x"),
            QuarantineReason.SCHEMA,
            "neither",
        ),
        (plain('representation="B64"', "%"), QuarantineReason.SCHEMA, "base64"),
        (
            plain('representation="B64"', "6Q=="),
            QuarantineReason.NOT_UTF8,
            "byte 0",
        ),
    ],
)
def test_what_is_no_clinical_document_says_why(data: bytes, reason: QuarantineReason, detail: str) -> None:
    with pytest.raises(MalformedRecord) as caught:
        note_from_cda(data, "Unknown")
    assert (caught.value.reason, detail in caught.value.detail) == (reason, True), caught.value.detail


@pytest.mark.parametrize(
    ("narrative", "text"),
    [
        ('Has <content revised="delete">gout.</content><content revised="insert">no gout.</content>', "Has no gout."),
        ('<content>Has <content revised="delete">a <content>fever</content></content> cough.</content>', "Has cough."),
        ("WBC 5.2 x10<sup>3</sup>/uL", "WBC 5.2 x10^3/uL"),
        ("10<sup> -6 </sup> mol", "10^-6 mol"),
        ("34 kg/m<sup>2</sup>, 1<sup>st</sup>, H<sub>2</sub>O", "34 kg/m2, 1st, H2O"),
    ],
)
def test_what_is_deleted_or_raised(narrative: str, text: str) -> None:
    body = f"<structuredBody><component><section><text>{narrative}</text></section></component></structuredBody>"
    assert note_from_cda(minimal(body), "Unknown").text == text


@pytest.mark.parametrize(
    ("ids", "patient_id"),
    [
        ('<id root="2.16" extension="7"/>', "2.16.7"),
        ('<id root="2.16.840.1.113883.4.1" nullFlavor="UNK"/>', None),
        ('<id root="2.16.840.1.113883.4.1" nullFlavor="UNK"/><id/><id root="2.16" extension="7"/>', "2.16.7"),
    ],
)
def test_an_unknown_id_is_nobodys(ids: str, patient_id: str | None) -> None:
    head = f'<id extension="d"/><recordTarget><patientRole>{ids}</patientRole></recordTarget>'
    note = note_from_cda(minimal("<nonXMLBody><text>x</text></nonXMLBody>", head), "Unknown")
    assert note.patient_id == patient_id


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("20250422", "2025-04-22T00:00:00+00:00"),
        ("202504221105", "2025-04-22T11:05:00+00:00"),
        ("20250422110500.123+0130", "2025-04-22T11:05:00+01:30"),
        ("2025042211-0500", "2025-04-22T11:00:00-05:00"),
        ("20250422+0200", "2025-04-22T00:00:00+02:00"),
        ("2025", None),
    ],
)
def test_times(value: str, moment: str | None) -> None:
    head = f'<id extension="d"/><effectiveTime value="{value}"/>'
    note = note_from_cda(minimal("<nonXMLBody><text>x</text></nonXMLBody>", head), "Unknown")
    assert (note.authored_at.isoformat() if note.authored_at else None) == moment


def test_xml_files_are_read_from_folders(tmp_path: Path) -> None:
    (tmp_path / "Cardiology").mkdir()
    (tmp_path / "Cardiology/a.xml").write_text(WHOLE, encoding="utf-8")
    (record,) = [record for file in find_files([tmp_path]) for record in read_file(file)]
    assert record.note
    assert record.note.text == TEXT


def test_words_of_an_element() -> None:
    assert read_xml(b"<a>one <b>two\n</b> three</a>").words() == "one two three"
