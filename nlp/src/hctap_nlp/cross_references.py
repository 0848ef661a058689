"""Codes of diseases by the cross-references of the Human Disease Ontology (https://disease-ontology.org, CC0 1.0).

The rows stand in `vocabulary/terms/cross_references.yaml`. In the compiled vocabulary they are one string, which is
read when a text about diseases comes: a process that reads notes alone does not pay for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from hctap_nlp.vocabulary.variants import key_of

_BETWEEN_CODES: Final = "^"
_BETWEEN_TITLE: Final = "="


class Disease(NamedTuple):
    """A disease of the ontology: its identifier, name, ICD-10-CM codes with titles (the fullest first), descriptors."""

    doid: str
    name: str
    icd: tuple[tuple[str, str], ...]
    mesh: tuple[str, ...]


def lines_of(table: Mapping[str, Sequence[str]], titles: Mapping[str, str]) -> str:
    """The rows of the YAML file as lines of a compiled vocabulary, with the titles of their codes."""
    return "\n".join(
        "\t".join((doid, name, _BETWEEN_CODES.join(_titled(codes.split(), titles)), "".join(mesh)))
        for doid, (name, codes, *mesh) in table.items()
    )


def _titled(codes: Iterable[str], titles: Mapping[str, str]) -> Iterable[str]:
    return (f"{code}{_BETWEEN_TITLE}{titles[code]}" for code in codes)


class CrossReferences:
    """The diseases of the ontology by MeSH descriptor and by name."""

    def __init__(self, lines: str) -> None:
        self._lines = lines

    def of_descriptors(self, mesh: Iterable[str]) -> Disease | None:
        """The disease of the first of the descriptors that has one."""
        return next((self._by_mesh[one] for one in mesh if one in self._by_mesh), None)

    def of_name(self, key: str) -> Disease | None:
        """The disease whose name has this key of `key_of`."""
        return self._by_name.get(key)

    @cached_property
    def diseases(self) -> list[Disease]:
        """All of them, in the order of the file."""
        return [_disease(line) for line in self._lines.split("\n") if line]

    @cached_property
    def _by_mesh(self) -> dict[str, Disease]:
        found: dict[str, Disease] = {}
        for disease in self.diseases:
            for descriptor in disease.mesh:
                found.setdefault(descriptor, disease)
        return found

    @cached_property
    def _by_name(self) -> dict[str, Disease]:
        found: dict[str, Disease] = {}
        for disease in self.diseases:
            found.setdefault(key_of(disease.name), disease)
        return found


def _disease(line: str) -> Disease:
    doid, name, codes, mesh = line.split("\t")
    pairs = (one.partition(_BETWEEN_TITLE) for one in codes.split(_BETWEEN_CODES))
    return Disease(doid, name, tuple((code, title) for code, _, title in pairs), tuple(mesh.split()))
