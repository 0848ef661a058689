"""The identifiers of a text: each row is a text with its identifiers in marks `{kind:words}`, and why it is here."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hctap_core.phi import PhiKind, PhiSpan
from hctap_nlp.phi.finding import count_kinds, load_finder

_MARK = re.compile(r"\{(\w+):([^}]*)\}")


def read_marks(marked: str) -> tuple[str, list[PhiSpan]]:
    text, spans, at = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[at : mark.start()]
        spans.append(PhiSpan(len(text), len(text) + len(mark[2]), PhiKind(mark[1])))
        text += mark[2]
        at = mark.end()
    return text + marked[at:], spans


NAMES = [
    "Patient Name: {name:John Smith}\nMr. {name:Smith} is well.",
    "PATIENT: {name:DOE, JANE}\nDOB: {date:01/02/1950}",
    "Seen by Dr. {name:R. Johnson} on {date:6/15/2023}.",
    "Mr {name:Nolan} and Mr. {name:Noble}",
    "Mrs {name:O'Neill} and Ms. {name:García-Lopez} came.",
    "Electronically signed by: {name:Ana van der Berg}, MD {date:2024-11-08 16:45}",
    "{name:William Osler}, M.D.\n{name:Clara Barton}, RN",
    "Attending: Dr. {name:Wu}\nSurgeon: {name:Adaeze Okafor}",
    "Her daughter {name:Mary} drove. {name:Mary} lives nearby.",
    "Dear Dr. {name:Ibn Sina}, thank you.",
    "Mr. {name:Müller}'s wound",
    "My name is {name:Ada Lovelace}",
]
NO_NAMES = [
    "Patient: alert and oriented.",
    "Patient: Alert and oriented to person.",
    "SURGEON: None.",
    "CC: Hypertension",
    "Mild MR. Mitral valve is thickened.",
    "Seen by Dr. X.",
    "The patient denies chest pain. Parkinson disease, Bell palsy.",
    "Name: ____\nNurse notified.",
    "dr smith is written small",
]
NUMBERS = [
    "MRN: {mrn:00123456}",
    "Medical Record Number {mrn:AB-12345-7}",
    "NHS {mrn:943 476 5919}",
    "SSN {ssn:123-45-6789}",
    "SSN: {ssn:987654321}",
    "666-12-3456 and 900-12-3456 and 123-00-4567 are never issued",
    "Phone: {phone:(617) 555-0123}, fax {fax:617-555-0124}",
    "call {phone:555-0123}",
    "{phone:+41 (0)96 471 07 95}, {phone:03.93.92.16.85}, {phone:0490 75 40 81}",
    "at {phone:905-674-3793 x12}",
    "card {account:4454794511390933}, not 4454794511390934",
    "IBAN {account:GB33 BUKB 2020 1555 5555 55}",
    "Medicare {account:1EG4-TE5-MK73}",
    "Account #{account:99-12345}",
    "DEA {license:AB1234563}; XY1234567 does not check",
    "Driver's license {license:S123-4567-8901}",
    "Pacemaker, serial number {device:PJN123456}",
    "UDI {device:(01)00889842001235(17)261231}",
    "MAC {device:00:1B:44:11:3A:B7}",
    "from {ip:192.168.10.77} and {ip:2001:db8::8a2e:370:7334}, not 999.1.1.1 or 1.2.3.4.5",
    "see {url:https://portal.example.org/p/17?x=1}.",
    "write to {email:jane.doe+x@mail.example.co.uk}, please",
]
NO_NUMBERS = [
    "BP 120/80, HR 72, 5/5 strength, 2/6 murmur, 98.6 F",
    "Na 134, K 4.6, Cl 101, CO2 24, BUN 18, Cr 1.4",
    "platelets 250,000 and WBC 12.4",
    "seen at 11:34:35",
    "1.2.10 Methods",
    "metoprolol 25-50 mg q4-6h",
    "the account of events 2019 to 2021",
    "Take 1-2 tablets 3 times daily for 10-14 days",
    "call for an appointment in 10 days",
]
DATES = [
    "on {date:6/10/2023} and {date:06-11-23}, {date:12.03.2021}",
    "{date:March 3, 2020}; {date:3 March 2020}; {date:Mar. 3rd}; {date:11/2023}; {date:June of 2006}",
    "{date:2024-11-08T16:45:00}",
    "admitted on {date:11/06}, on 2/6 murmur",
    "{age:92}-year-old man, aged {age:95}; {age:101} y/o",
    "89-year-old man, turned 90 degrees, average of 97, 98 F",
    "in 2019; may 2 tablets; March on; 13/13/2020",
]
PLACES = [
    "Address: {address:15 Maple Avenue}\nCity: {address:New York}",
    "lives at {address:12 Elm Street, Apt 4}, alone",
    "{address:22 Old Mill Rd., Springfield, IL 62704}",
    "{address:P.O. Box 123}",
    "moved to {address:Boston, MA 02115}",
    "{address:Villacher Strasse 89}",
    "Address: not given",
    "Operative Suite #2; 5 Day course; 1 Patient; head CT, 2 units; A 6-French pigtail",
]


@pytest.mark.parametrize("marked", [*NAMES, *NO_NAMES, *NUMBERS, *NO_NUMBERS, *DATES, *PLACES])
def test_what_is_found(marked: str) -> None:
    text, spans = read_marks(marked)
    assert load_finder().find(text) == spans


def test_characters_beyond_the_first_plane_and_those_that_grow_in_lower_case_keep_every_offset() -> None:
    text = "😀İİ e\u0301 Mr. Smith, MRN: 0012345 😀 Dr. Jones"
    found = load_finder().find(text)
    assert [text[span.begin : span.end] for span in found] == ["Smith", "0012345", "Jones"]


def test_kinds_are_counted() -> None:
    spans = load_finder().find("Mr. Smith, Mr. Smith, MRN 12345")
    assert count_kinds(spans) == {PhiKind.MRN: 1, PhiKind.NAME: 2}


@given(st.text(alphabet="Mr. DSmith,:/-0123456789@AbMD\nİ😀 +()Jan", max_size=120))
def test_spans_are_in_order_inside_the_text_and_none_over_another(text: str) -> None:
    at = 0
    for span in load_finder().find(text):
        assert at <= span.begin < span.end <= len(text)
        at = span.end


@pytest.mark.parametrize(
    "unit",
    [
        "1 ",
        "1/1/20 ",
        "1-",
        "Mr. Smith ",
        "12 Oak ",
        "A, MD ",
        "Address: ",
        "a@",
        "(617) ",
        "GB12 ",
        "1.",
        "May ",
        "ab",
    ],
)
def test_time_grows_with_the_text(unit: str) -> None:
    finder = load_finder()

    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        best = 9.0
        for _ in range(3):
            begun = time.process_time()
            finder.find(text)
            best = min(best, time.process_time() - begun)
        return best

    assert seconds(80_000) < 12 * seconds(10_000) + 0.05


def test_many_different_names_take_one_pass() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    text = " ".join(f"Mr. {a.upper()}{b}{c}d" for a in letters for b in letters for c in letters)
    begun = time.process_time()
    assert len(load_finder().find(text)) > 17_500
    assert time.process_time() - begun < 10
