"""Medications as FHIR says them: their status, how often, and how much."""

from typing import Any

import pytest
from tests.etl.exports.fhir.resources import PATIENT, Make

from hctap_core.fhir.bundle import resource_of
from hctap_core.fhir.coding import dose_of


@pytest.mark.parametrize(
    ("flags", "norm", "status"),
    [
        ((), None, "active"),
        ((), "start", "active"),
        ((), "stop", "stopped"),
        ((), "hold", "on-hold"),
        (("historical",), None, "completed"),
        (("historical",), "stop", "stopped"),
        (("negated",), "start", "not-taken"),
        (("hypothetical",), "start", "intended"),
        (("uncertain",), None, "unknown"),
    ],
)
def test_statuses_of_medications(make_entity: Make, flags: tuple[str, ...], norm: str | None, status: str) -> None:
    parts = [("STATUS", "s", norm)] if norm else []
    made = resource_of(make_entity("MEDICATION", "aspirin", *flags, attributes=parts), PATIENT)
    assert made
    assert (made["status"], "dosage" in made) == (status, False)


@pytest.mark.parametrize(
    ("norm", "repeat"),
    [
        ("2/d", {"frequency": 2, "period": 1, "periodUnit": "d"}),
        ("4-6/d", {"frequency": 4, "frequencyMax": 6, "period": 1, "periodUnit": "d"}),
        ("1/2d", {"frequency": 1, "period": 2, "periodUnit": "d"}),
        ("1/3mo", {"frequency": 1, "period": 3, "periodUnit": "mo"}),
        ("1/y", {"frequency": 1, "period": 1, "periodUnit": "a"}),
        ("4.8/d", None),
        ("continuous", None),
        (None, None),
    ],
)
def test_timing(make_entity: Make, norm: str | None, repeat: dict[str, Any] | None) -> None:
    made = resource_of(make_entity("MEDICATION", "a", attributes=[("FREQUENCY", "often", norm)]), PATIENT)
    assert made
    timing = made["dosage"][0]["timing"]
    assert (timing["code"], timing.get("repeat")) == ({"text": "often"}, repeat)


def test_dosage(make_entity: Make) -> None:
    parts = [
        ("STRENGTH", "10 mg", "10 mg"),
        ("DOSE", "2 puffs", "2 puffs"),
        ("ROUTE", "PO", "oral"),
        ("PRN", "prn", "prn"),
        ("DURATION", "6 months", "6 months"),
    ]
    made = resource_of(make_entity("MEDICATION", "a", attributes=parts), PATIENT)
    assert made
    (dosage,) = made["dosage"]
    assert dosage["text"] == "10 mg 2 puffs PO prn 6 months"
    assert dosage["route"] == {"text": "oral"}
    assert dosage["asNeededBoolean"] is True
    assert dosage["doseAndRate"] == [{"doseQuantity": {"value": 2, "unit": "puffs"}}]
    assert dosage["timing"]["repeat"]["boundsDuration"]["code"] == "mo"


@pytest.mark.parametrize(
    ("words", "bounds"),
    [
        ("5 days", (5, "d")),
        ("3 more weeks", (3, "wk")),
        ("48hrs", (48, "h")),
        ("30 min", (30, "min")),
        ("3 doses", None),
        ("1 dose", None),
    ],
)
def test_durations(make_entity: Make, words: str, bounds: tuple[int, str] | None) -> None:
    made = resource_of(make_entity("MEDICATION", "a", attributes=[("DURATION", words, None)]), PATIENT)
    assert made
    (dosage,) = made["dosage"]
    assert dosage["text"] == words
    found = dosage.get("timing", {}).get("repeat", {}).get("boundsDuration")
    assert (found and (found["value"], found["code"])) == bounds


@pytest.mark.parametrize(
    ("strength", "quantity"),
    [
        ("10 mg", {"value": 10, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}),
        ("1 %", None),
        ("0.5%", None),
        ("100 units/mL", None),
        ("2.5 mg/3 mL", None),
    ],
)
def test_a_concentration_is_no_dose(make_entity: Make, strength: str, quantity: dict[str, Any] | None) -> None:
    made = resource_of(make_entity("MEDICATION", "a", attributes=[("STRENGTH", strength, None)]), PATIENT)
    assert made
    (dosage,) = made["dosage"]
    assert dosage["text"] == strength
    assert dosage.get("doseAndRate") == ([{"doseQuantity": quantity}] if quantity else None)


@pytest.mark.parametrize(
    ("words", "value"), [("10 mg", 10), ("0.5 mL", 0.5), ("2L", 2), ("49/51 mg", None), ("one tablet", None)]
)
def test_doses(words: str, value: float | None) -> None:
    found = dose_of(words)
    assert (found["value"] if found else None) == value
