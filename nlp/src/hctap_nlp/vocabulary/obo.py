"""A reader of OBO files: terms with names, synonyms, parents.

Format: https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# The licence's address, or its common short name.
_LICENCE = re.compile(
    r"https?://(?!purl\.org/dc/)[^\s\"]*(?:licen[cs]e|creativecommons)[^\s\"]*|\bCC0\b|\bCC[ -]BY[^\s\",;]*",
    re.IGNORECASE,
)
_SYNONYM = re.compile(r'"((?:[^"\\]|\\.)*)"\s+(EXACT|NARROW|BROAD|RELATED)')


@dataclass(slots=True)
class OboTerm:
    """One `[Term]` stanza."""

    id: str = ""
    name: str = ""
    synonyms: list[tuple[str, str]] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    xrefs: list[str] = field(default_factory=list)
    obsolete: bool = False


def read_terms(lines: Iterable[str], *, with_obsolete: bool = False) -> Iterator[OboTerm]:
    """The terms in file order, unless asked for without those that are obsolete."""
    term: OboTerm | None = None
    for raw in lines:
        line = raw.rstrip("\r\n")
        if line.startswith("["):
            if term is not None and (with_obsolete or not term.obsolete):
                yield term
            term = OboTerm() if line == "[Term]" else None
        elif term is not None:
            _read_tag(term, line)
    if term is not None and (with_obsolete or not term.obsolete):
        yield term


def _read_tag(term: OboTerm, line: str) -> None:
    tag, _, value = line.partition(": ")
    if tag == "id":
        term.id = value
    elif tag == "name":
        term.name = value
    elif tag == "is_a":
        term.parents.append(value.split(" ", 1)[0])
    elif tag == "synonym" and (found := _SYNONYM.match(value)):
        term.synonyms.append((found[1].replace('\\"', '"'), found[2]))
    elif tag == "xref":
        term.xrefs.append(value)
    elif tag == "is_obsolete":
        term.obsolete = value == "true"


def read_release(lines: Iterable[str]) -> str:
    """The `data-version` of the header, or an empty string."""
    for line in lines:
        if line.startswith("data-version:"):
            return line.partition(":")[2].strip()
        if line.startswith("["):
            break
    return ""


def read_licence(lines: Iterable[str]) -> str:
    """The licence that the header states as a property or in a remark, or an empty string."""
    for line in lines:
        if line.startswith("["):
            break
        if line.startswith(("property_value:", "remark:")) and (found := _LICENCE.search(line)):
            return found[0]
    return ""


def descendants_of(root: str, terms: Iterable[OboTerm]) -> set[str]:
    """The ids below `root`, itself not among them."""
    children: dict[str, list[str]] = {}
    for term in terms:
        for parent in term.parents:
            children.setdefault(parent, []).append(term.id)
    found: set[str] = set()
    waiting = list(children.get(root, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(children.get(one, ()))
    return found
