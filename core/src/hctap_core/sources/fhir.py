"""Notes out of FHIR: DocumentReferences with their text inside, alone or in Bundles.

Source: https://hl7.org/fhir/R4/documentreference.html. Each attachment of `text/plain` is a note, and offsets refer to
its text as it is stored. What has no text inside goes into quarantine with its reason.
"""

import base64
import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final

from hctap_core.errors import MalformedRecord
from hctap_core.notes import Note, note_from_record
from hctap_core.reasons import QuarantineReason
from hctap_core.sources.records import SourceRecord, judge

_KINDS: Final = frozenset({"Bundle", "DocumentReference"})
_CHARSETS: Final = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252"})
# Source: https://hl7.org/fhir/R4/valueset-document-reference-status.html. What it says is true of nobody.
_IN_ERROR: Final = "entered-in-error"
_DATE_CHARACTERS: Final = len("2025-04-22")


def resource_in(data: bytes) -> dict[str, Any] | None:
    """The Bundle or DocumentReference in some bytes; None if they are anything else."""
    # Most notes are no FHIR: a look at the bytes is cheaper than parsing them twice.
    if b'"resourceType"' not in data:
        return None
    try:
        record = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and record.get("resourceType") in _KINDS else None


def read_resource(origin: str, resource: dict[str, Any], specialty: str) -> Iterator[SourceRecord]:
    """The notes of a Bundle or DocumentReference; resources of other kinds are passed over."""
    documents = list(_documents(resource))
    if not documents:
        fault = MalformedRecord(QuarantineReason.SCHEMA, "the Bundle holds no DocumentReference")
        yield SourceRecord(origin, b"", fault=fault)
    for number, (document, patients) in enumerate(documents, start=1):
        contents = _list(document.get("content")) or [{}]
        for place, content in enumerate(contents, start=1):
            suffix = f"-{place}" if len(contents) > 1 else ""
            attachment = _dict(_dict(content).get("attachment"))
            source = _Source(document, attachment, suffix, specialty, patients)
            data = json.dumps(document, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
            yield judge(f"{origin}:document {number}{suffix}", data, source.make)


@dataclass(frozen=True, slots=True)
class _Source:
    """One attachment of a DocumentReference, and what its note is made of."""

    document: dict[str, Any]
    attachment: dict[str, Any]
    suffix: str
    specialty: str
    patients: dict[str, str]

    def make(self) -> Note:
        named = _identifier(self.document) or self.document.get("id")
        if not isinstance(named, str):
            raise MalformedRecord(QuarantineReason.SCHEMA, "the DocumentReference has neither identifier nor id")
        # Identifiers may be addresses, and a note id has no slash.
        note_id = named.replace("/", "_") + self.suffix
        if _IN_ERROR in (self.document.get("status"), self.document.get("docStatus")):
            raise MalformedRecord(QuarantineReason.SCHEMA, "the document was entered in error", note_id=note_id)
        return note_from_record({"note_id": note_id, "text": _text_of(self.attachment, note_id)} | self._facts())

    def _facts(self) -> dict[str, Any]:
        document = self.document
        context = _dict(document.get("context"))
        inside = _contained(document)
        encounters = [_reference(_dict(item), inside) for item in _list(context.get("encounter"))]
        facts = {
            "specialty": _words(context.get("practiceSetting")) or self.specialty,
            "note_type": _words(document.get("type")),
            "authored_at": _moment(document.get("date")) or _moment(self.attachment.get("creation")),
            "patient_id": _reference(_dict(document.get("subject")), self.patients | inside),
            "encounter_id": encounters[0] if encounters else None,
            "language": self.attachment.get("language"),
        }
        return {name: value for name, value in facts.items() if value}


def _documents(resource: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """The DocumentReferences in their order, each with the patients of the Bundles around it by their addresses."""
    # The next one stands last: a Bundle may have a hundred thousand entries.
    waiting: list[tuple[dict[str, Any], dict[str, str]]] = [(resource, {})]
    while waiting:
        found, patients = waiting.pop()
        if found.get("resourceType") == "DocumentReference":
            yield found, patients
        elif found.get("resourceType") == "Bundle":
            known = patients | _patients(found)
            entries = reversed(_list(found.get("entry")))
            waiting += [(_dict(_dict(entry).get("resource")), known) for entry in entries]


def _patients(resource: dict[str, Any]) -> dict[str, str]:
    """The identifiers of the patients of a Bundle by their addresses in it."""
    found: dict[str, str] = {}
    for entry in _list(resource.get("entry")):
        inside = _dict(_dict(entry).get("resource"))
        if inside.get("resourceType") == "Patient" and (value := _identifier(inside)):
            found[str(_dict(entry).get("fullUrl"))] = value
            found[f"Patient/{inside.get('id')}"] = value
    return found


def _text_of(attachment: dict[str, Any], note_id: str) -> str:
    header = Message()
    header["Content-Type"] = " ".join(str(attachment.get("contentType", "text/plain")).split()) or "text/plain"
    if header.get_content_type() != "text/plain":
        raise MalformedRecord(QuarantineReason.SCHEMA, "the attachment is not text/plain", note_id=note_id)
    if not isinstance(attachment.get("data"), str):
        raise MalformedRecord(QuarantineReason.SCHEMA, "the attachment has no data inside", note_id=note_id)
    try:
        data = base64.b64decode("".join(attachment["data"].split()), validate=True)
    except ValueError:
        raise MalformedRecord(QuarantineReason.SCHEMA, "the attachment is not base64", note_id=note_id) from None
    return _decoded(data, str(header.get_param("charset", "utf-8")), note_id)


def _decoded(data: bytes, charset: str, note_id: str) -> str:
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        name = ""
    if name not in _CHARSETS:
        raise MalformedRecord(QuarantineReason.SCHEMA, "the attachment's charset is not known", note_id=note_id)
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise MalformedRecord(QuarantineReason.NOT_UTF8, f"byte {error.start}", note_id=note_id) from None


def _identifier(resource: dict[str, Any]) -> str | None:
    for item in (resource.get("masterIdentifier"), *_list(resource.get("identifier"))):
        if isinstance(value := _dict(item).get("value"), str) and value.strip():
            return value.strip()
    return None


def _contained(document: dict[str, Any]) -> dict[str, str]:
    """The identifiers of what stands inside a resource by their addresses there."""
    inside = [_dict(item) for item in _list(document.get("contained"))]
    return {f"#{item.get('id')}": value for item in inside if (value := _identifier(item))}


def _reference(reference: dict[str, Any], known: dict[str, str]) -> str | None:
    value, address = _dict(reference.get("identifier")).get("value"), reference.get("reference")
    if isinstance(value, str) and value.strip():
        return value.strip()
    if not isinstance(address, str):
        return None
    # A version of a patient is that patient: the last part of `Patient/7/_history/1` would be everybody's.
    address = address.partition("/_history/")[0]
    if address in known:
        return known[address]
    # An address that means something in this Bundle or resource alone names nobody.
    return None if address.startswith(("urn:uuid:", "#")) else address.rpartition("/")[2]


def _moment(value: object) -> str | None:
    """A date that names at least the day; FHIR allows less."""
    return value if isinstance(value, str) and len(value) >= _DATE_CHARACTERS else None


def _words(concept: object) -> str | None:
    """What a codeable concept says: its text, or the first display or code."""
    codings = [_dict(coding) for coding in _list(_dict(concept).get("coding"))]
    said = (_dict(concept).get("text"), *(coding.get(name) for name in ("display", "code") for coding in codings))
    return next((words.strip() for words in said if isinstance(words, str) and words.strip()), None)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
