"""The shape that Amazon Comprehend Medical's DetectEntitiesV2 answers with, a note a line.

Source: https://docs.aws.amazon.com/comprehend-medical/latest/api/API_DetectEntitiesV2.html. `NoteId` is added, so that
lines can be told apart. Ids count within a note. What the shape has no word for is left out and counted: whether a
medication was started or stopped, a test's flag and reference range.
"""

from typing import Any, Final

from hctap_cli.lines import render_lines
from hctap_core.entities import EntityType
from hctap_core.runs import Run
from hctap_etl.exports.folder import OutputFolder
from hctap_stores.database.documents import Document

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


class ComprehendExport:
    """One answer a note, as JSON Lines."""

    def __init__(self, folder: OutputFolder, run: Run) -> None:
        self._stream = folder.open("comprehend.jsonl")
        self._version = f"{run.pipeline.extractor}-{run.pipeline.extractor_version}"
        self._left_out = 0

    def write(self, document: Document) -> None:
        """Write the answer for a note."""
        answer = answer_of(document, self._version)
        kept = sum(len(entity["Attributes"]) for entity in answer["Entities"])
        self._left_out += sum(len(entity["attributes"]) for entity in document.entities) - kept
        self._stream.write(render_lines([{"NoteId": document.note_id} | answer]))

    def close(self) -> dict[str, int]:
        """Say how many attributes the shape has no word for."""
        return {"attributes left out": self._left_out}


def answer_of(document: Document, model_version: str) -> dict[str, Any]:
    """What DetectEntitiesV2 would answer with, had it found what was found."""
    entities: list[dict[str, Any]] = []
    number = 0
    for entity in document.entities:
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


def _attribute(part: dict[str, Any], category: str, number: int, score: float) -> dict[str, Any]:
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


def _span(record: dict[str, Any]) -> dict[str, Any]:
    return {"BeginOffset": record["begin"], "EndOffset": record["end"], "Text": record["text"]}
