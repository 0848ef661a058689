"""Notes out of C-CDA: the narrative of a clinical document's sections as text.

Source: HL7 CDA R2, narrative block. A section is its title as a heading and its text below; paragraphs, list items and
table rows are lines of their own, cells are parted by tabs. What the document marks as deleted (`revised="delete"`) is
left out. Offsets refer to the text that is made here and stored.
"""

import base64
import re
from collections.abc import Iterator
from typing import Final

from hctap_core.errors import MalformedRecord
from hctap_core.notes import Note, note_from_record
from hctap_core.reasons import QuarantineReason
from hctap_core.sources.xml_tree import Element, read_xml

_LINES: Final = frozenset({"paragraph", "list", "table", "tr", "caption", "thead", "tbody", "tfoot", "br", "item"})
_CELLS: Final = frozenset({"td", "th"})
_PASSED_OVER: Final = frozenset({"renderMultiMedia"})
_POWER: Final = re.compile(r"[-+]?\d+")
# HL7 V3 TS: whatever is not known is left out from the right; a zone may stand behind any of it.
_TIME: Final = re.compile(
    r"(?P<date>\d{8})(?:(?P<hours>\d{2})(?:(?P<minutes>\d{2})(?:(?P<seconds>\d{2})(?:\.\d+)?)?)?)?(?P<zone>[+-]\d{4})?"
)


def note_from_cda(data: bytes, specialty: str) -> Note:
    """The note in the bytes of a clinical document.

    Raises:
        MalformedRecord: With the reason for quarantine; the message holds no note text.
    """
    document = read_xml(data)
    if document.name != "ClinicalDocument":
        raise MalformedRecord(QuarantineReason.SCHEMA, "the XML is no ClinicalDocument")
    note_id = _id_of(document, "id")
    if note_id is None:
        raise MalformedRecord(QuarantineReason.SCHEMA, "the ClinicalDocument has no id")
    title, code = document.find("title"), document.find("code")
    author = document.find("author/assignedAuthor/code")
    language = document.find("languageCode")
    facts = {
        "specialty": (author.attributes.get("displayName", "").strip() if author else "") or specialty,
        "note_type": (title.words() if title else "") or (code.attributes.get("displayName") if code else None),
        "authored_at": _moment(document.find("effectiveTime")),
        "patient_id": _id_of(document, "recordTarget/patientRole/id"),
        "encounter_id": _id_of(document, "componentOf/encompassingEncounter/id"),
        "language": language.attributes.get("code") if language else None,
    }
    known = {name: value for name, value in facts.items() if value}
    return note_from_record({"note_id": note_id.replace("/", "_"), "text": text_of(document)} | known)


def text_of(document: Element) -> str:
    """The text of a clinical document: its sections one below the other, or its body where that is plain text."""
    sections = document.find_all("component/structuredBody/component/section")
    parts = [part for section in sections for part in _section(section)]
    parts += [_plain(body) for body in document.find_all("component/nonXMLBody/text")]
    return "\n\n".join(part for part in parts if part)


def _section(section: Element) -> Iterator[str]:
    title = section.find("title")
    heading = title.words() if title else ""
    narrative = _Narrative()
    if text := section.find("text"):
        narrative.add(text)
    lines = [f"{heading.removesuffix(':')}:"] * bool(heading) + narrative.lines()
    yield "\n".join(lines)
    for inner in section.find_all("component/section"):
        yield from _section(inner)


def _plain(body: Element) -> str:
    if body.attributes.get("mediaType", "text/plain") != "text/plain":
        raise MalformedRecord(QuarantineReason.SCHEMA, "the body is neither sections nor text/plain")
    said = "".join(child for child in body.children if isinstance(child, str))
    if body.attributes.get("representation") != "B64":
        return said.strip()
    try:
        return base64.b64decode("".join(said.split()), validate=True).decode()
    except UnicodeDecodeError as error:
        raise MalformedRecord(QuarantineReason.NOT_UTF8, f"byte {error.start}") from None
    except ValueError:
        raise MalformedRecord(QuarantineReason.SCHEMA, "the body is not base64") from None


class _Narrative:
    """Lines of text out of a narrative block."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._line = ""

    def add(self, element: Element) -> None:
        """Take what an element holds."""
        for child in element.children:
            if isinstance(child, str):
                self._say(child)
            elif child.name in _LINES:
                self._end_line()
                if child.name == "item":
                    self._line = "- "
                self.add(child)
                self._end_line()
            elif child.name not in _PASSED_OVER and child.attributes.get("revised") != "delete":
                self._add_within(child)

    def _add_within(self, element: Element) -> None:
        # `10<sup>3</sup>` is a thousand and not 103.
        if element.name == "sup" and self._line[-1:].isdigit() and _POWER.fullmatch(element.words()):
            self._line += f"^{element.words()}"
        else:
            self.add(element)
        if element.name in _CELLS:
            self._line = self._line.rstrip(" ") + "\t"

    def lines(self) -> list[str]:
        """What was taken."""
        self._end_line()
        return self._done

    def _say(self, text: str) -> None:
        words = re.sub(r"\s+", " ", text)
        if not self._line or self._line[-1].isspace():
            words = words.lstrip(" ")
        self._line += words

    def _end_line(self) -> None:
        line = self._line.rstrip()
        if line not in {"", "-"}:
            self._done.append(line)
        self._line = ""


def _id_of(document: Element, path: str) -> str | None:
    """The first id at a path that names something."""
    for element in document.find_all(path):
        # An unknown id still has the root of its kind, which would be everybody's.
        if "nullFlavor" not in element.attributes:
            parts = (element.attributes.get("root"), element.attributes.get("extension"))
            if said := ".".join(part for part in parts if part):
                return said
    return None


def _moment(element: Element | None) -> str | None:
    """A time such as `20250422110500+0000` as ISO 8601 has it; what names no day is left out."""
    found = _TIME.fullmatch(element.attributes.get("value", "")) if element else None
    if found is None:
        return None
    day = f"{found['date'][:4]}-{found['date'][4:6]}-{found['date'][6:]}"
    zone = found["zone"]
    clock = f"{found['hours'] or '00'}:{found['minutes'] or '00'}:{found['seconds'] or '00'}"
    return f"{day}T{clock}{f'{zone[:3]}:{zone[3:]}' if zone else 'Z'}"
