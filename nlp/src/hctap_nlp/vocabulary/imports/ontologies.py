"""Ontologies in OBO format: DOID, MONDO, HPO and others, with their cross-references to ICD-10-CM."""

import re
from collections.abc import Iterator

from hctap_core.entities import EntityType
from hctap_nlp.vocabulary.imports.kinds import Part
from hctap_nlp.vocabulary.imports.reading import Reading, Rows
from hctap_nlp.vocabulary.obo import OboTerm, read_licence, read_release, read_terms
from hctap_nlp.vocabulary.rows import CodeRow, Row

_SYSTEMS = {"DOID": "DOID", "MONDO": "MONDO", "HP": "HPO"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ICD = re.compile(r"ICD10CM:([A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?)\b")


def read_ontology(reading: Reading) -> Rows:
    """A row for each term that is not obsolete, with its exact synonyms."""
    for file in reading.files[Part.NAMES]:
        header = file.beginning().splitlines()
        release = read_release(header)
        dated = _DATE.search(release)
        reading.state_release(dated[0] if dated else release)
        reading.state_licence(read_licence(header))
        for term in read_terms(file.lines(reading.advance), with_obsolete=True):
            if term.obsolete:
                reading.left_out["obsolete"] += 1
            elif not term.name:
                reading.left_out["without a name"] += 1
            else:
                yield _row(term, reading)


def _row(term: OboTerm, reading: Reading) -> Row:
    prefix = term.id.partition(":")[0]
    entity_type = reading.type or (EntityType.PROBLEM if prefix in _SYSTEMS else reading.require_type())
    forms = (term.name, *(text for text, scope in term.synonyms if scope == "EXACT"))
    return Row(entity_type, term.name, forms, reading.source, tuple(_codes(term, prefix, reading)))


def _codes(term: OboTerm, prefix: str, reading: Reading) -> Iterator[CodeRow]:
    # Several cross-references mean that no single code says the same.
    classified = {found[1] for xref in term.xrefs if (found := _ICD.match(xref))}
    if len(classified) == 1:
        yield CodeRow("ICD-10-CM", classified.pop(), "", "")
    elif classified:
        reading.left_out["ICD-10-CM cross-reference that is one of several"] += len(classified)
    if prefix in _SYSTEMS:
        yield CodeRow(_SYSTEMS[prefix], term.id, term.name, reading.release)
    else:
        reading.left_out["identifier of no code system"] += 1
