"""The curated rows: YAML files in `terms/` that a clinician can review, one row a line."""

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from hctap_core.entities import EntityType
from hctap_nlp.vocabulary import icd10cm
from hctap_nlp.vocabulary.rows import CodeRow, Restriction, Row, Source

_LICENCE = "Apache-2.0 (written for this project)"
# In this order: of two curated rows with the same form, the first one's type wins.
_FILES: tuple[tuple[str, EntityType], ...] = (
    ("problems", EntityType.PROBLEM),
    ("drugs", EntityType.MEDICATION),
    ("tests", EntityType.TEST),
    ("procedures", EntityType.PROCEDURE),
    ("anatomy", EntityType.ANATOMY),
)


def _folder() -> Traversable:
    return resources.files("hctap_nlp.vocabulary").joinpath("terms")


def files() -> list[Traversable]:
    """The YAML files, by name."""
    return sorted((entry for entry in _folder().iterdir() if entry.name.endswith(".yaml")), key=lambda e: e.name)


def read_table(name: str) -> Any:  # noqa: ANN401 - what a YAML file holds
    """The content of one YAML file of the folder, or None where there is no such file."""
    entry = _folder().joinpath(name)
    return yaml.load(entry.read_bytes(), Loader=_loader()) if entry.is_file() else None  # noqa: S506 - a safe loader


def _loader() -> Any:  # noqa: ANN401 - PyYAML's loader class, in C where the wheel has it
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_curated() -> tuple[Source, list[Row]]:
    """Every curated row: abbreviations first, because a sense with a context is the most precise."""
    rows = [_abbreviation(record) for record in read_table("abbreviations.yaml") or ()]
    for prefix, entity_type in _FILES:
        for entry in files():
            if entry.name.startswith(prefix):
                rows.extend(_term(record, entity_type) for record in read_table(entry.name) or ())
    return Source("curated", "", _LICENCE, len(rows)), rows


def _codes(record: dict[str, Any]) -> Iterator[CodeRow]:
    if code := record.get("icd"):
        yield icd10cm.code_row(str(code))
    if code := record.get("hpo"):
        yield CodeRow("HPO", str(code), str(record.get("term", "")), "")


def _restriction(record: dict[str, Any], form: str) -> Restriction | None:
    context = tuple(str(word).lower() for word in record.get("context") or ())
    unless = tuple(str(word).lower() for word in record.get("unless") or ())
    exact = form if record.get("case") == "exact" else None
    return Restriction(exact, context, unless) if exact or context or unless else None


def _abbreviation(record: dict[str, Any]) -> Row:
    short = str(record["short"])
    return Row(
        type=EntityType(record["type"]),
        name=str(record["long"]).lower(),
        forms=(short,),
        source="curated",
        codes=tuple(_codes(record)),
        restriction=_restriction(record, short),
        is_abbreviation=True,
    )


def _term(record: dict[str, Any], entity_type: EntityType) -> Row:
    term = str(record["term"])
    return Row(
        type=entity_type,
        name=term.lower(),
        forms=(term, *(str(form) for form in record.get("also") or ())),
        source="curated",
        codes=tuple(_codes(record)),
        restriction=_restriction(record, term),
    )
