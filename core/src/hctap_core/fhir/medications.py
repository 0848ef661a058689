"""Medications as MedicationStatements with dosage and timing."""

import re
from typing import Final

from hctap_core.fhir.coding import UCUM_SYSTEM, Resource, concept, dose_of

# Frequencies come as rates: 2/d, 4-6/d, 1/wk, 1/2d, 1/3mo.
_RATE: Final = re.compile(r"(?P<low>[\d.]+)(?:-(?P<high>[\d.]+))?/(?P<period>\d+)?(?P<unit>min|h|d|wk|mo|y)")
_UNITS: Final = {"min": "min", "h": "h", "d": "d", "wk": "wk", "mo": "mo", "y": "a"}
# `3 doses` are no three days.
_SPAN: Final = re.compile(r"(?P<count>\d+)\s*(?:more\s*)?-?\s*(?P<unit>h|d(?!ose)|w|m|y)[a-z]*\.?", re.IGNORECASE)
# `1 %` and `100 units/mL` say how strong a medication is, not how much is taken.
_SHARE: Final = re.compile(r"%|percent|/", re.IGNORECASE)
_SPANS: Final = {"h": ("h", "hours"), "d": ("d", "days"), "w": ("wk", "weeks"), "y": ("a", "years")}
_DIRECTIONS: Final = ("STRENGTH", "DOSE", "FORM", "ROUTE", "FREQUENCY", "PRN", "DURATION")


def medication_statement(entity: Resource, patient: Resource) -> Resource:
    """The MedicationStatement that a medication of the patient makes.

    The status is what the assertion says (`not-taken`, `intended`, `unknown`, `completed`), then what is done with the
    medication (`stopped`, `on-hold`), else `active`.
    """
    made: Resource = {
        "resourceType": "MedicationStatement",
        "status": _status(entity),
        "medicationCodeableConcept": concept(entity),
        "subject": patient,
    }
    if dosage := _dosage(entity):
        made["dosage"] = [dosage]
    return made


def _status(entity: Resource) -> str:
    assertion = entity["assertion"]
    for name, status in (("negated", "not-taken"), ("hypothetical", "intended"), ("uncertain", "unknown")):
        if assertion[name]:
            return status
    done = {part["norm"] for part in entity["attributes"] if part["type"] == "STATUS"}
    if "stop" in done:
        return "stopped"
    if "hold" in done:
        return "on-hold"
    return "completed" if assertion["historical"] else "active"


def _dosage(entity: Resource) -> Resource:
    parts = {part["type"]: part for part in reversed(entity["attributes"])}
    words = [part["text"] for part in entity["attributes"] if part["type"] in _DIRECTIONS]
    if not words:
        return {}
    made: Resource = {"text": " ".join(words)}
    if timing := _timing(parts):
        made["timing"] = timing
    if "PRN" in parts:
        made["asNeededBoolean"] = True
    if route := parts.get("ROUTE"):
        made["route"] = {"text": route["norm"] or route["text"]}
    for kind in ("DOSE", "STRENGTH"):
        said = parts[kind]["text"] if kind in parts else ""
        if not (kind == "STRENGTH" and _SHARE.search(said)) and (quantity := dose_of(said)):
            made["doseAndRate"] = [{"doseQuantity": quantity}]
            break
    return made


def _timing(parts: Resource) -> Resource:
    repeat: Resource = {}
    timing: Resource = {}
    if frequency := parts.get("FREQUENCY"):
        repeat |= _repeat(frequency["norm"] or "")
        timing["code"] = {"text": frequency["text"]}
    if (duration := parts.get("DURATION")) and (bounds := _bounds(duration["text"])):
        repeat["boundsDuration"] = bounds
    return timing | ({"repeat": repeat} if repeat else {})


def _repeat(rate: str) -> Resource:
    """How often within which period, FHIR's way; nothing where the rate is not of whole times."""
    found = _RATE.fullmatch(rate)
    if found is None:
        return {}
    low, high = float(found["low"]), float(found["high"] or found["low"])
    if not (low.is_integer() and high.is_integer() and low >= 1):
        return {}
    made: Resource = {"frequency": int(low), "period": int(found["period"] or 1), "periodUnit": _UNITS[found["unit"]]}
    return made | ({"frequencyMax": int(high)} if high > low else {})


def _bounds(words: str) -> Resource | None:
    found = _SPAN.fullmatch(words.strip())
    if found is None:
        return None
    initial = found["unit"].lower()
    if initial == "m":
        code, unit = ("min", "minutes") if "min" in words.lower() else ("mo", "months")
    else:
        code, unit = _SPANS[initial]
    return {"value": int(found["count"]), "unit": unit, "system": UCUM_SYSTEM, "code": code}
