"""The shapes that Amazon Comprehend Medical answers with, made of this product's entities.

Source: https://docs.aws.amazon.com/comprehend-medical/latest/api/API_Operations.html. Ids count within a text. What the
shapes have no word for is left out: whether a medication was started or stopped, a test's flag and reference range.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from hctap_core.entities import CodeSystem, EntityType

_TYPES: Final[dict[str, tuple[str, str]]] = {
    EntityType.PROBLEM: ("MEDICAL_CONDITION", "DX_NAME"),
    EntityType.MEDICATION: ("MEDICATION", "GENERIC_NAME"),
    EntityType.TEST: ("TEST_TREATMENT_PROCEDURE", "TEST_NAME"),
    EntityType.PROCEDURE: ("TEST_TREATMENT_PROCEDURE", "PROCEDURE_NAME"),
    EntityType.ANATOMY: ("ANATOMY", "SYSTEM_ORGAN_SITE"),
}
_TRAITS: Final = {
    "negated": "NEGATION",
    "uncertain": "LOW_CONFIDENCE",
    "historical": "PAST_HISTORY",
    "hypothetical": "HYPOTHETICAL",
    "family": "PERTAINS_TO_FAMILY",
}
# `as needed` is a frequency there, and a unit belongs to the test beside its value.
_ATTRIBUTES: Final = {
    "STRENGTH": "STRENGTH",
    "DOSE": "DOSAGE",
    "FORM": "FORM",
    "ROUTE": "ROUTE_OR_MODE",
    "FREQUENCY": "FREQUENCY",
    "PRN": "FREQUENCY",
    "DURATION": "DURATION",
    "VALUE": "TEST_VALUE",
    "UNIT": "TEST_UNIT",
}
# InferICD10CM and InferRxNorm know these traits only.
_TRAITS_OF_CONDITIONS: Final = ("NEGATION", "PERTAINS_TO_FAMILY", "HYPOTHETICAL", "LOW_CONFIDENCE")
_TRAITS_OF_MEDICATIONS: Final = ("NEGATION", "PAST_HISTORY")


def entities_answer(found: Iterable[Mapping[str, Any]], model_version: str) -> dict[str, Any]:
    """What DetectEntitiesV2 would answer with, had it found what was found."""
    entities: list[dict[str, Any]] = []
    number = 0
    for entity in found:
        category, kind = _TYPES[entity["entity_type"]]
        attributes = [part for part in entity["attributes"] if part["type"] in _ATTRIBUTES]
        entities.append(
            {
                "Id": number,
                **_span(entity),
                "Score": entity["score"],
                "Category": category,
                "Type": kind,
                "Traits": [
                    {"Name": trait, "Score": entity["score"]}
                    for name, trait in _TRAITS.items()
                    if entity["assertion"][name]
                ],
                "Attributes": [
                    _attribute(part, category, number + place, entity["score"])
                    for place, part in enumerate(attributes, start=1)
                ],
            }
        )
        number += 1 + len(attributes)
    return {"Entities": entities, "UnmappedAttributes": [], "ModelVersion": model_version}


def _attribute(part: Mapping[str, Any], category: str, number: int, score: float) -> dict[str, Any]:
    kind = _ATTRIBUTES[part["type"]]
    return {
        "Id": number,
        **_span(part),
        "Type": kind,
        "RelationshipType": kind,
        "Category": category,
        "Score": score,
        "RelationshipScore": score,
        "Traits": [],
    }


def _span(record: Mapping[str, Any]) -> dict[str, Any]:
    return {"BeginOffset": record["begin"], "EndOffset": record["end"], "Text": record["text"]}


def conditions_answer(found: Iterable[Mapping[str, Any]], model_version: str) -> dict[str, Any]:
    """What InferICD10CM would answer with: the conditions with their ICD-10-CM codes."""
    wanted = [entity for entity in found if entity["entity_type"] == EntityType.PROBLEM]
    entities = _with_concepts(wanted, CodeSystem.ICD_10_CM, "ICD10CMConcepts", _TRAITS_OF_CONDITIONS)
    return {"Entities": entities, "ModelVersion": model_version}


def medications_answer(found: Iterable[Mapping[str, Any]], model_version: str) -> dict[str, Any]:
    """What InferRxNorm would answer with; without RxNorm the concepts are empty, and the version says so."""
    wanted = [entity for entity in found if entity["entity_type"] == EntityType.MEDICATION]
    entities = _with_concepts(wanted, CodeSystem.RXNORM, "RxNormConcepts", _TRAITS_OF_MEDICATIONS)
    if not any(entity["RxNormConcepts"] for entity in entities):
        model_version = f"{model_version} without RxNorm"
    return {"Entities": entities, "ModelVersion": model_version}


def _with_concepts(
    found: list[Mapping[str, Any]], system: CodeSystem, name: str, traits: tuple[str, ...]
) -> list[dict[str, Any]]:
    shown = entities_answer(found, "")["Entities"]
    for entity, record in zip(shown, found, strict=True):
        entity["Traits"] = [trait for trait in entity["Traits"] if trait["Name"] in traits]
        for attribute in entity["Attributes"]:
            del attribute["Category"], attribute["RelationshipType"]
        entity[name] = [
            {"Description": code["display"], "Code": code["code"], "Score": code["score"]}
            for code in record["codes"]
            if code["system"] == system
        ]
    return list(shown)
