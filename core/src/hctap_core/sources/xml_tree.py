"""XML as a small tree, read so that nothing outside of it is fetched and nothing inside of it grows.

A document type declaration, which is where entities come from, is refused, as defusedxml does; so is nesting beyond
what documents have.
"""

from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from hctap_core.errors import MalformedRecord
from hctap_core.reasons import QuarantineReason

MAX_DEPTH: Final = 100


@dataclass(slots=True)
class Element:
    """An element by its local name; `children` are elements and the text between them, in order."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def find(self, path: str) -> "Element | None":
        """The first element at a path of names, such as `recordTarget/patientRole`."""
        found = self.find_all(path)
        return found[0] if found else None

    def find_all(self, path: str) -> list["Element"]:
        """All elements at a path of names."""
        found = [self]
        for name in path.split("/"):
            found = [
                child
                for element in found
                for child in element.children
                if isinstance(child, Element) and child.name == name
            ]
        return found

    def words(self) -> str:
        """All text inside, with single spaces."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> list[str]:
        parts: list[str] = []
        for child in self.children:
            parts += [child] if isinstance(child, str) else child._texts()  # noqa: SLF001 - its own kind
        return parts


def read_xml(data: bytes) -> Element:
    """The root element of an XML document.

    Raises:
        MalformedRecord: If it is not well-formed, declares a document type, or is nested too deep.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    root = Element("")
    path = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(path) > MAX_DEPTH:
            raise MalformedRecord(QuarantineReason.SCHEMA, f"XML nested deeper than {MAX_DEPTH}")
        local = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        element = Element(name.rpartition(" ")[2], local)
        path[-1].children.append(element)
        path.append(element)

    def say(text: str) -> None:
        path[-1].children.append(text)

    def refuse(*_: object) -> None:
        raise MalformedRecord(QuarantineReason.SCHEMA, "XML with a document type declaration")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: path.pop()
    parser.CharacterDataHandler = say
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat's own order: these are all the bytes
    except expat.ExpatError as error:
        raise MalformedRecord(QuarantineReason.SCHEMA, f"not well-formed XML, line {error.lineno}") from None
    except (LookupError, ValueError):
        raise MalformedRecord(QuarantineReason.SCHEMA, "XML in an encoding that is not known") from None
    (element,) = (child for child in root.children if isinstance(child, Element))
    return element
