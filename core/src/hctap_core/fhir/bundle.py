"""The Bundle of a note: the note itself, the patient, what was found, and where each resource comes from."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from hctap_core.entities import EntityType
from hctap_core.fhir.coding import Resource, id_of
from hctap_core.fhir.conditions import condition, family_history, procedure
from hctap_core.fhir.medications import medication_statement
from hctap_core.fhir.observations import observation
from hctap_core.moments import moment_text
from hctap_core.runs import Run

NOTE_SYSTEM: Final = "urn:hctap:note"
PATIENT_SYSTEM: Final = "urn:hctap:patient"
_EXTENSION: Final = "urn:hctap:extension:"
_DATA_OPERATION: Final = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
_AGENT: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
# A tag of BCP 47, which is what FHIR takes; notes may say anything.
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_OF_THE_PATIENT: Final = {
    EntityType.PROBLEM: condition,
    EntityType.MEDICATION: medication_statement,
    EntityType.TEST: observation,
    EntityType.PROCEDURE: procedure,
}


class Document(Protocol):
    """A note as a run saw it, with the records of what was found in it, in text order."""

    @property
    def note_id(self) -> str: ...  # noqa: D102 - the fields of a note
    @property
    def text(self) -> str: ...  # noqa: D102 - the same
    @property
    def specialty(self) -> str: ...  # noqa: D102 - the same
    @property
    def patient_id(self) -> str | None: ...  # noqa: D102 - the same
    @property
    def encounter_id(self) -> str | None: ...  # noqa: D102 - the same
    @property
    def note_type(self) -> str | None: ...  # noqa: D102 - the same
    @property
    def authored_at(self) -> datetime | None: ...  # noqa: D102 - the same
    @property
    def language(self) -> str | None: ...  # noqa: D102 - the same
    @property
    def entities(self) -> Sequence[dict[str, Any]]: ...  # noqa: D102 - the same


def render_bundle(bundle: Resource) -> bytes:
    """A bundle as JSON in UTF-8: sorted keys, no spaces; the same bundle gives the same bytes, here and in exports."""
    return json.dumps(bundle, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def resource_of(entity: Resource, patient: Resource) -> Resource | None:
    """The resource of an entity; None for anatomy, and for what a relative takes, undergoes or does not have."""
    kind = EntityType(entity["entity_type"])
    if entity["assertion"]["family"]:
        return family_history(entity, patient) if kind is EntityType.PROBLEM else None
    make = _OF_THE_PATIENT.get(kind)
    return make(entity, patient) if make else None


def bundle_of(document: Document, run: Run) -> tuple[Resource, int]:
    """The Bundle of a note, and how many of its entities have no resource."""
    patient_id = id_of("patient", document.patient_id) if document.patient_id else id_of("patient of", document.note_id)
    patient = {"reference": f"urn:uuid:{patient_id}"}
    note_id = id_of("note", document.note_id)
    entries = [_document_reference(document, patient, note_id), _patient(document, patient_id)]
    left_out = 0
    for number, entity in enumerate(document.entities):
        resource = resource_of(entity, patient)
        if resource is None:
            left_out += 1
            continue
        resource |= {"id": id_of("entity", run.run_id, document.note_id, number), "extension": [_assertion(entity)]}
        entries += [resource, _provenance(entity, resource["id"], note_id, run)]
    bundle: Resource = {
        "resourceType": "Bundle",
        "id": id_of("bundle", run.run_id, document.note_id),
        "type": "collection",
        "entry": [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in entries],
    }
    return bundle | ({"timestamp": _moment(run.finished_at)} if run.finished_at else {}), left_out


def _document_reference(document: Document, patient: Resource, note_id: str) -> Resource:
    data = document.text.encode()
    made: Resource = {
        "resourceType": "DocumentReference",
        "id": note_id,
        "status": "current",
        "identifier": [{"system": NOTE_SYSTEM, "value": document.note_id}],
        "subject": patient,
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain; charset=utf-8",
                    "data": base64.b64encode(data).decode(),
                    "size": len(data),
                    # FHIR asks for this hash.
                    "hash": base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode(),
                }
            }
        ],
        "context": {"practiceSetting": {"text": document.specialty}},
    }
    if document.note_type:
        made["type"] = {"text": document.note_type}
    if document.language and _LANGUAGE.fullmatch(document.language):
        made["content"][0]["attachment"]["language"] = document.language
    if document.authored_at:
        made["date"] = _moment(document.authored_at)
    if document.encounter_id:
        made["context"]["encounter"] = [{"identifier": {"value": document.encounter_id}}]
    return made


def _patient(document: Document, patient_id: str) -> Resource:
    made: Resource = {"resourceType": "Patient", "id": patient_id}
    if document.patient_id:
        made["identifier"] = [{"system": PATIENT_SYSTEM, "value": document.patient_id}]
    return made


def _assertion(entity: Resource) -> Resource:
    flags = [{"url": name, "valueBoolean": bool(value)} for name, value in sorted(entity["assertion"].items())]
    return {"url": f"{_EXTENSION}assertion", "extension": flags}


def _provenance(entity: Resource, target: str, note_id: str, run: Run) -> Resource:
    found = entity["provenance"]
    facts: dict[str, Any] = {
        "begin": entity["begin"],
        "end": entity["end"],
        "section": entity["section"],
        "method": found["method"],
        "rule": found["source"],
        "run": run.run_id,
        "pipeline": run.pipeline_hash,
    }
    return {
        "resourceType": "Provenance",
        "id": id_of("provenance", target),
        "target": [{"reference": f"urn:uuid:{target}"}],
        "recorded": _moment(run.finished_at or run.created_at),
        "activity": {"coding": [{"system": _DATA_OPERATION, "code": "CREATE"}]},
        "agent": [
            {
                "type": {"coding": [{"system": _AGENT, "code": "assembler"}]},
                "who": {"type": "Device", "display": f"HC-TAP {found['extractor']} {found['version']}"},
            }
        ],
        "entity": [
            {
                "role": "source",
                "what": {"reference": f"urn:uuid:{note_id}"},
                "extension": [_fact(name, value) for name, value in facts.items() if value != ""],
            }
        ],
    }


def _fact(name: str, value: str | int) -> Resource:
    kind = "valueInteger" if isinstance(value, int) else "valueString"
    return {"url": f"{_EXTENSION}{name}", kind: value}


def _moment(moment: datetime) -> str:
    # FHIR's instants have seconds and at most milliseconds in common use.
    return moment_text(moment.replace(microsecond=moment.microsecond // 1000 * 1000))
