"""What tests and their results become."""

from typing import Any

import pytest
from tests.etl.exports.fhir.resources import PATIENT, Make, code_of

from hctap_core.fhir.bundle import resource_of
from hctap_core.fhir.coding import quantity_of


@pytest.mark.parametrize(
    ("value", "unit", "quantity"),
    [
        ("3.1", "mmol/L", {"value": 3.1, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"}),
        ("4,500", "K/uL", {"value": 4500, "unit": "K/uL", "system": "http://unitsofmeasure.org", "code": "10*3/uL"}),
        ("<0.1", None, {"value": 0.1, "comparator": "<"}),
        ("≥ 60", "furlongs", {"value": 60, "comparator": ">=", "unit": "furlongs"}),
        ("5-10", "mg", None),
        ("positive", None, None),
    ],
)
def test_quantities(value: str, unit: str | None, quantity: dict[str, Any] | None) -> None:
    assert quantity_of(value, unit) == quantity


def test_results(make_entity: Make) -> None:
    parts = [
        ("FLAG", "low", None),
        ("VALUE", "3.1", None),
        ("UNIT", "g/dL", None),
        ("REFERENCE_RANGE", "3.5-5.1", None),
        ("VALUE", "142/78", None),
        ("VALUE", "positive", None),
    ]
    made = resource_of(make_entity("TEST", "albumin", attributes=parts[:4]), PATIENT)
    assert made
    assert (made["status"], made["valueQuantity"]["code"], code_of(made["interpretation"][0])) == ("final", "g/dL", "L")
    assert [made["referenceRange"][0][side]["value"] for side in ("low", "high")] == [3.5, 5.1]
    several = resource_of(make_entity("TEST", "albumin", attributes=parts), PATIENT)
    assert several
    assert not [name for name in several if name.startswith(("value", "interpretation", "referenceRange"))]
    first, *others = several["component"]
    assert (first["valueQuantity"], first["code"]) == (made["valueQuantity"], made["code"])
    assert (first["interpretation"], first["referenceRange"]) == (made["interpretation"], made["referenceRange"])
    assert [component["valueString"] for component in others] == ["142/78", "positive"]


@pytest.mark.parametrize(
    ("unit", "norm", "code"),
    [
        ("10^3/uL", "10*3/uL", "10*3/uL"),
        ("x10^9/L", "10*9/L", "10*9/L"),
        ("μg/L", "ug/L", "ug/L"),
        ("mg/dL", None, "mg/dL"),
        ("°", "deg", None),
        ("per field", "per field", None),
        ("furlongs", None, None),
    ],
)
def test_units_have_the_code_that_the_engine_found(
    make_entity: Make, unit: str, norm: str | None, code: str | None
) -> None:
    parts = [("VALUE", "5", "5"), ("UNIT", unit, norm), ("REFERENCE_RANGE", "3-7", None)]
    made = resource_of(make_entity("TEST", "platelets", attributes=parts), PATIENT)
    assert made
    for quantity in (made["valueQuantity"], made["referenceRange"][0]["low"]):
        assert (quantity["unit"], quantity.get("code"), "system" in quantity) == (unit, code, code is not None)


@pytest.mark.parametrize("value", ["< 7", "140/90", "positive"])
def test_a_threshold_is_no_result(make_entity: Make, value: str) -> None:
    parts = [("VALUE", value, None), ("UNIT", "g/dL", None)]
    made = resource_of(make_entity("TEST", "BP", "hypothetical", attributes=parts), PATIENT)
    assert made
    assert (made["status"], code_of(made["dataAbsentReason"])) == ("registered", "unknown")
    assert made["note"] == [{"text": f"{value} g/dL"}]
    assert not [name for name in made if name.startswith(("value", "component", "interpretation"))]


def test_two_blood_pressures_have_four_components(make_entity: Make) -> None:
    parts = [("VALUE", "142/78", None), ("FLAG", "high", None), ("VALUE", "130/70", None), ("VALUE", "low", None)]
    made = resource_of(make_entity("TEST", "BP", attributes=parts), PATIENT)
    assert made
    said = [
        (part["code"].get("text") or code_of(part["code"]), part.get("valueString") or part["valueQuantity"]["value"])
        for part in made["component"]
    ]
    assert said == [("8480-6", 142), ("8462-4", 78), ("8480-6", 130), ("8462-4", 70), ("BP", "low")]
    assert ["interpretation" in part for part in made["component"]] == [True, True, False, False, False]


@pytest.mark.parametrize("name", ["BP", "blood  pressure", "B/P", "SBP/DBP", "NIBP", "Orthostatic blood\npressures"])
def test_blood_pressure_has_two_components(make_entity: Make, name: str) -> None:
    made = resource_of(make_entity("TEST", name, attributes=[("VALUE", "142/78", None)]), PATIENT)
    assert made
    assert [(code_of(part["code"]), part["valueQuantity"]["value"]) for part in made["component"]] == [
        ("8480-6", 142),
        ("8462-4", 78),
    ]


@pytest.mark.parametrize("name", ["visual acuity", "MMSE", "PA pressure", "3-h GTT"])
def test_two_numbers_of_another_test_are_no_blood_pressure(make_entity: Make, name: str) -> None:
    made = resource_of(make_entity("TEST", name, attributes=[("VALUE", "28/30", None)]), PATIENT)
    assert made
    assert (made["valueString"], "component" in made) == ("28/30", False)


@pytest.mark.parametrize(
    ("flags", "status"),
    [((), "unknown"), (("negated",), "cancelled"), (("hypothetical",), "registered")],
)
def test_tests_without_a_result(make_entity: Make, flags: tuple[str, ...], status: str) -> None:
    made = resource_of(make_entity("TEST", "MRI", *flags), PATIENT)
    assert made
    assert (made["status"], code_of(made["dataAbsentReason"])) == (status, "unknown")
