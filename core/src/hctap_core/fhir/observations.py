"""Tests as Observations: value and unit, flag, reference range."""

import re
from typing import Final

from hctap_core.fhir.coding import Resource, coded, concept, quantity_of

_INTERPRETATIONS: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_ABSENT: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_FLAGS: Final = {
    "h": "H", "high": "H", "elevated": "H", "increased": "H", "raised": "H", "l": "L", "low": "L", "decreased": "L",
    "hh": "HH", "ll": "LL", "critical": "AA", "abnormal": "A", "normal": "N", "*": "A",
}  # fmt: skip
# Visual acuity (20/40) and scores (28/30) are written like two pressures, and a pulmonary pressure is none of these.
_BLOOD_PRESSURE: Final = re.compile(r"\b[sdn]?i?bps?\b|\bb/p\b|\bblood\s+pressures?\b", re.IGNORECASE)
_TWO_PRESSURES: Final = re.compile(r"(?P<systolic>\d{2,3})\s*/\s*(?P<diastolic>\d{2,3})")
# The components that the FHIR profile of blood pressure asks for.
_PRESSURES: Final = (
    ("systolic", "8480-6", "Systolic blood pressure"),
    ("diastolic", "8462-4", "Diastolic blood pressure"),
)
_LOINC: Final = "http://loinc.org"
_RANGE: Final = re.compile(r"(?P<low>\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(?P<high>\d+(?:\.\d+)?)")
_LIMIT: Final = re.compile(r"(?P<sign>[<>≤≥])\s*(?P<limit>\d+(?:\.\d+)?)")

# A code of UCUM has no space, and is of ASCII.
_UCUM: Final = re.compile(r"[!-~]+")
_MMHG: Final = ("mmHg", "mm[Hg]")

# A unit in the words of the note, and its code in UCUM.
_Unit = tuple[str | None, str | None]


def observation(entity: Resource, patient: Resource) -> Resource:
    """The Observation that a test of the patient makes.

    `final` with a result, `unknown` without one (then with the reason for that), `cancelled` where the note
    says that it was not done, `registered` where it is only thought of, whose value stands in its note.
    Two results and more are components.
    """
    is_pressure = _BLOOD_PRESSURE.search(entity["text"]) is not None
    groups = _groups(entity["attributes"])
    # `Transfuse if Hgb < 7` is a threshold: it is told in words, and is nobody's result.
    is_threshold = bool(groups) and entity["assertion"]["hypothetical"]
    results = [] if is_threshold else [_result(group, is_pressure=is_pressure) for group in groups]
    made: Resource = {
        "resourceType": "Observation",
        "status": _status(entity, has_result=bool(results)),
        "code": concept(entity),
        "subject": patient,
    }
    if is_threshold:
        made["note"] = [{"text": " ".join(part["text"] for part in entity["attributes"])}]
    if not results:
        return made | {"dataAbsentReason": coded(_ABSENT, "unknown")}
    if len(results) == 1:
        return made | results[0]
    # FHIR's rule obs-7: no value stands beside a component of the same code.
    return made | {"component": [part for result in results for part in _components(result, made["code"])]}


def _status(entity: Resource, *, has_result: bool) -> str:
    assertion = entity["assertion"]
    # `No growth` is negated and a result: what has a value was done.
    if has_result:
        return "preliminary" if assertion["uncertain"] else "final"
    if assertion["negated"]:
        return "cancelled"
    return "registered" if assertion["hypothetical"] else "unknown"


def _groups(attributes: list[Resource]) -> list[list[Resource]]:
    """The attributes of each result: what stands before the first value belongs to it, what follows a value too."""
    groups: list[list[Resource]] = []
    before: list[Resource] = []
    for part in attributes:
        if part["type"] == "VALUE":
            groups.append([*before, part])
            before = []
        elif groups:
            groups[-1].append(part)
        else:
            before.append(part)
    return groups


def _result(group: list[Resource], *, is_pressure: bool) -> Resource:
    parts = {part["type"]: part["text"] for part in reversed(group)}
    unit = _unit_of(group)
    made = _pressures(parts["VALUE"], unit) if is_pressure else {}
    made = made or _value(parts["VALUE"], unit)
    if flag := _FLAGS.get(parts.get("FLAG", "").strip("() ").lower()):
        made["interpretation"] = [coded(_INTERPRETATIONS, flag)]
    if said := parts.get("REFERENCE_RANGE"):
        made["referenceRange"] = [_reference_range(said, unit)]
    return made


def _unit_of(group: list[Resource]) -> _Unit:
    """The words of a result's unit, and its code in UCUM as the engine found it."""
    part = next((part for part in group if part["type"] == "UNIT"), None)
    if part is None:
        return None, None
    # A lone `°` is mostly a temperature, of either scale; the unit of angles would be wrong.
    norm = part["norm"] or ""
    return part["text"], norm if norm != "deg" and _UCUM.fullmatch(norm) else None


def _pressures(value: str, unit: _Unit) -> Resource:
    found = _TWO_PRESSURES.fullmatch(value.strip())
    if found is None:
        return {}
    return {
        "component": [
            {
                "code": coded(_LOINC, code, display),
                "valueQuantity": quantity_of(found[name], *(unit if unit[0] else _MMHG)),
            }
            for name, code, display in _PRESSURES
        ]
    }


def _value(value: str, unit: _Unit) -> Resource:
    if quantity := quantity_of(value, *unit):
        return {"valueQuantity": quantity}
    return {"valueString": f"{value} {unit[0]}" if unit[0] else value}


def _reference_range(said: str, unit: _Unit) -> Resource:
    made: Resource = {"text": said}
    if found := _RANGE.fullmatch(said.strip()):
        made |= {"low": quantity_of(found["low"], *unit), "high": quantity_of(found["high"], *unit)}
    elif found := _LIMIT.fullmatch(said.strip()):
        made["high" if found["sign"] in "<≤" else "low"] = quantity_of(found["limit"], *unit)
    return made


def _components(result: Resource, code: Resource) -> list[Resource]:
    """What a result beside others is: a component under the test's own code, or the two pressures that it has."""
    if "component" not in result:
        return [{"code": code} | result]
    others = {name: value for name, value in result.items() if name != "component"}
    return [pressure | others for pressure in result["component"]]
