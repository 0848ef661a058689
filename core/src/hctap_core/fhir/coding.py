"""Codes, quantities and references as FHIR spells them."""

import re
import uuid
from typing import Any, Final

from hctap_core.entities import CodeSystem

Resource = dict[str, Any]

# Source: https://terminology.hl7.org/external_terminologies.html
SYSTEMS: Final[dict[str, str]] = {
    CodeSystem.ICD_10_CM: "http://hl7.org/fhir/sid/icd-10-cm",
    CodeSystem.HPO: "http://human-phenotype-ontology.org",
    CodeSystem.MESH: "https://www.nlm.nih.gov/mesh",
    CodeSystem.DRUGBANK: "http://www.drugbank.ca",
    CodeSystem.RXNORM: "http://www.nlm.nih.gov/research/umls/rxnorm",
    CodeSystem.LOINC: "http://loinc.org",
    CodeSystem.SNOMED_CT: "http://snomed.info/sct",
    CodeSystem.UMLS: "http://www.nlm.nih.gov/research/umls",
    CodeSystem.DOID: "http://purl.obolibrary.org/obo/doid.owl",
    CodeSystem.MONDO: "http://purl.obolibrary.org/obo/mondo.owl",
}
UCUM_SYSTEM: Final = "http://unitsofmeasure.org"
# Notes write units in any case; these are the codes of UCUM for those that results and doses are given in.
_UCUM: Final = {
    "mg": "mg", "g": "g", "gm": "g", "kg": "kg", "mcg": "ug", "µg": "ug", "ug": "ug", "ng": "ng", "pg": "pg",
    "ml": "mL",
    "cc": "mL", "l": "L", "dl": "dL", "meq": "meq", "mmol": "mmol", "unit": "[IU]", "units": "[IU]", "iu": "[IU]",
    "%": "%", "percent": "%", "mmhg": "mm[Hg]", "mm hg": "mm[Hg]", "mg/dl": "mg/dL", "g/dl": "g/dL", "g/l": "g/L",
    "mmol/l": "mmol/L", "meq/l": "meq/L", "mcg/dl": "ug/dL", "µg/dl": "ug/dL", "ug/dl": "ug/dL", "ng/ml": "ng/mL",
    "pg/ml": "pg/mL", "ng/l": "ng/L", "ng/dl": "ng/dL", "µmol/l": "umol/L", "umol/l": "umol/L", "miu/l": "m[IU]/L",
    "miu/ml": "m[IU]/mL", "iu/l": "[IU]/L", "iu/ml": "[IU]/mL", "µiu/ml": "u[IU]/mL", "uiu/ml": "u[IU]/mL",
    "mcg/ml": "ug/mL", "u/l": "U/L", "units/l": "U/L", "k/ul": "10*3/uL", "k/µl": "10*3/uL", "m/ul": "10*6/uL",
    "m/µl": "10*6/uL", "/ul": "/uL", "/µl": "/uL", "cells/µl": "{cells}/uL", "cells/ul": "{cells}/uL", "mm/h": "mm/h",
    "mm/hr": "mm/h", "ml/min": "mL/min", "bpm": "{beats}/min", "/min": "/min", "kg/m2": "kg/m2", "kg/m²": "kg/m2",
    "cm": "cm", "mm": "mm", "in": "[in_i]", "inches": "[in_i]", "lb": "[lb_av]", "lbs": "[lb_av]", "pounds": "[lb_av]",
    "°c": "Cel", "c": "Cel", "°f": "[degF]", "f": "[degF]", "s": "s", "sec": "s", "seconds": "s", "ms": "ms",
    "msec": "ms", "fl": "fL", "mg/g": "mg/g", "l/min": "L/min", "cmh2o": "cm[H2O]", "mosm/kg": "mosm/kg",
    "copies/ml": "{copies}/mL",
}  # fmt: skip
_NUMBER: Final = re.compile(r"(?P<comparator>[<>≤≥])?[ ]?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)")
_COMPARATORS: Final = {"<": "<", ">": ">", "≤": "<=", "≥": ">="}
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:hctap:fhir")


def id_of(*parts: object) -> str:
    """An id that the same parts always give."""
    # Ids of notes are free text: each part is set apart by its length.
    return str(uuid.uuid5(_NAMESPACE, "".join(f"{len(str(part))}:{part}" for part in parts)))


def concept(entity: Resource) -> Resource:
    """The codeable concept of an entity: its codes, the best first, and the words of the note."""
    codings = [
        {"system": SYSTEMS[code["system"]], "code": code["code"]}
        | ({"display": code["display"]} if code["display"].strip() else {})
        for code in entity["codes"]
    ]
    return ({"coding": codings} if codings else {}) | {"text": entity["text"]}


def coded(system: str, code: str, display: str | None = None) -> Resource:
    """A codeable concept of one code."""
    return {"coding": [{"system": system, "code": code} | ({"display": display} if display else {})]}


def quantity_of(value: str, unit: str | None, ucum: str | None = None) -> Resource | None:
    """The quantity that a value and a unit of a note make, None where the value is not one number.

    `ucum` is the unit's code where whoever found it knows that.
    """
    found = _NUMBER.fullmatch(value.strip())
    if found is None:
        return None
    number = found["number"].replace(",", "")
    made: Resource = {"value": float(number) if "." in number else int(number)}
    if found["comparator"]:
        made["comparator"] = _COMPARATORS[found["comparator"]]
    if unit and unit.strip():
        made["unit"] = unit.strip()
        if code := ucum or _UCUM.get(re.sub(r"\s+", " ", unit.strip().lower())):
            made |= {"system": UCUM_SYSTEM, "code": code}
    return made


def dose_of(words: str) -> Resource | None:
    """The quantity in words such as `10 mg` or `2 puffs`."""
    found = re.fullmatch(r"\s*(?P<value>[\d.,]+)\s*-?\s*(?P<unit>[%µ°a-zA-Z].*)", words)
    return quantity_of(found["value"], found["unit"]) if found else None
