"""SNOMED CT in release format 2: active concepts with their descriptions, typed by semantic tag or by hierarchy.

Format: https://confluence.ihtsdotools.org/display/DOCRELFMT (snapshot files, tab-separated).
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from hctap_core.entities import EntityType
from hctap_nlp.vocabulary.imports.kinds import Part
from hctap_nlp.vocabulary.imports.reading import Reading, Rows
from hctap_nlp.vocabulary.rows import CodeRow, Row

_LICENCE = "SNOMED CT affiliate licence, yours"
_FULL_NAME, _SYNONYM, _IS_A = "900000000000003001", "900000000000013009", 116680003
_TAG = re.compile(r" \(([^()]+)\)$")
_TYPE_OF_TAG = {
    "disorder": EntityType.PROBLEM,
    "finding": EntityType.PROBLEM,
    "morphologic abnormality": EntityType.PROBLEM,
    "procedure": EntityType.PROCEDURE,
    "regime/therapy": EntityType.PROCEDURE,
    "body structure": EntityType.ANATOMY,
    "cell structure": EntityType.ANATOMY,
    "substance": EntityType.MEDICATION,
    "product": EntityType.MEDICATION,
    "medicinal product": EntityType.MEDICATION,
    "observable entity": EntityType.TEST,
}
# The concepts at the top of the hierarchy, for tags that are not in the list (of national extensions).
_TYPE_OF_TOP = {
    404684003: EntityType.PROBLEM,
    71388002: EntityType.PROCEDURE,
    123037004: EntityType.ANATOMY,
    105590001: EntityType.MEDICATION,
    373873005: EntityType.MEDICATION,
    363787002: EntityType.TEST,
}
_NOT_TYPED = frozenset({"qualifier value", "foundation metadata concept", "core metadata concept", "person"})
_DESCRIPTION_FIELDS, _RELATION_FIELDS, _CONCEPT_FIELDS = 9, 10, 5


def read_snomed(reading: Reading) -> Rows:
    """A row for each active concept whose tag or place in the hierarchy is of an entity type."""
    reading.state_licence(_LICENCE)
    active, latest = _read_active(reading)
    names, forms = _read_descriptions(reading, active)
    types = _Types(_read_parents(reading) if Part.RELATIONS in reading.files else {})
    reading.state_release(f"{latest[:4]}-{latest[4:6]}-{latest[6:8]}" if latest else reading.release_in_names())
    for concept in sorted(names):
        name = names[concept]
        tag = _TAG.search(name)
        entity_type = types.of(concept, tag[1] if tag else "")
        if entity_type is None:
            reading.left_out["concept of no entity type (semantic tag)"] += 1
            continue
        plain = _TAG.sub("", name)
        code = CodeRow("SNOMED-CT", str(concept), plain, reading.release)
        yield Row(entity_type, plain, (plain, *forms.get(concept, ())), reading.source, (code,))


def _read_active(reading: Reading) -> tuple[set[int] | None, str]:
    """The active concepts, or None where no file of concepts is given; and the latest date of all."""
    if Part.CONCEPTS not in reading.files:
        return None, ""
    active, latest = set(), ""
    for fields in reading.fields(Part.CONCEPTS, "\t", _CONCEPT_FIELDS):
        if fields[0].isdigit():
            latest = max(latest, fields[1])
            if fields[2] == "1":
                active.add(int(fields[0]))
    return active, latest


def _read_descriptions(reading: Reading, active: set[int] | None) -> tuple[dict[int, str], dict[int, list[str]]]:
    names: dict[int, str] = {}
    forms: dict[int, list[str]] = {}
    for fields in reading.fields(Part.NAMES, "\t", _DESCRIPTION_FIELDS):
        if not fields[4].isdigit():
            continue  # the heading
        concept, kind = int(fields[4]), fields[6]
        if fields[2] != "1":
            reading.left_out["inactive description"] += 1
        elif active is not None and concept not in active:
            reading.left_out["description of an inactive concept"] += 1
        elif not fields[5].startswith("en"):
            reading.left_out["not English"] += 1
        elif kind == _FULL_NAME:
            names[concept] = fields[7]
        elif kind == _SYNONYM:
            forms.setdefault(concept, []).append(fields[7])
        else:
            reading.left_out["definition"] += 1
    reading.left_out["synonym of a concept without a full name"] += sum(
        len(said) for concept, said in forms.items() if concept not in names
    )
    return names, forms


def _read_parents(reading: Reading) -> dict[int, tuple[int, ...]]:
    parents: dict[int, tuple[int, ...]] = {}
    for fields in reading.fields(Part.RELATIONS, "\t", _RELATION_FIELDS):
        if fields[2] == "1" and fields[7].isdigit() and int(fields[7]) == _IS_A:
            child = int(fields[4])
            parents[child] = (*parents.get(child, ()), int(fields[5]))
    return parents


class _Types:
    """The entity type of a concept: by its tag, else by the top concept above it."""

    def __init__(self, parents: Mapping[int, tuple[int, ...]]) -> None:
        self._parents = parents
        self._above = lru_cache(maxsize=None)(self._find_above)

    def of(self, concept: int, tag: str) -> EntityType | None:
        if tag in _TYPE_OF_TAG:
            return _TYPE_OF_TAG[tag]
        return None if tag in _NOT_TYPED else self._above(concept)

    def _find_above(self, concept: int) -> EntityType | None:
        waiting, seen = [concept], {concept}
        while waiting:
            one = waiting.pop(0)
            if one in _TYPE_OF_TOP:
                return _TYPE_OF_TOP[one]
            for parent in self._parents.get(one, ()):
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return None
