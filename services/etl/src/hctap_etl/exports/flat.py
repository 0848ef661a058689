"""What was found as flat tables: one definition of their columns for CSV, Parquet and the lake."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from hctap_core.entities import Assertion
from hctap_core.sections import loinc_of
from hctap_stores.database.documents import Document

Row = tuple[Any, ...]
ASSERTIONS: Final = tuple(Assertion.model_fields)


class Kind(StrEnum):
    """What a column holds."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `meaning` is what its documentation says."""

    name: str
    kind: Kind
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table and how its rows come from a note."""

    name: str
    columns: tuple[Column, ...]
    rows: Callable[[str, Document], Iterator[Row]]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)


_PLACE: Final = (Column("run_id", Kind.STRING), Column("note_id", Kind.STRING))
_ENTITY_PLACE: Final = (*_PLACE, Column("entity", Kind.INTEGER, "the entity's place in its note, from 0"))
_SPAN: Final = (
    Column("begin", Kind.INTEGER, "code points of the stored text, half-open"),
    Column("end", Kind.INTEGER),
)
NOTE_FACTS: Final = (
    "specialty", "note_type", "authored_at", "patient_id", "encounter_id", "source", "language", "data_class",
    "batch_id", "object_key", "etag", "content_sha256", "checksum", "duplicate_of",
)  # fmt: skip
NOTE_COLUMNS: Final = (
    *_PLACE,
    *(Column(name, Kind.MOMENT if name == "authored_at" else Kind.STRING) for name in NOTE_FACTS),
    Column("characters", Kind.INTEGER),
    Column("entities", Kind.INTEGER),
    Column("sections", Kind.INTEGER),
)


def _note_rows(run_id: str, document: Document) -> Iterator[Row]:
    facts = (getattr(document, name) for name in NOTE_FACTS)
    counts = (len(document.text), len(document.entities), len(document.sections))
    yield (run_id, document.note_id, *facts, *counts)


def _entity_rows(run_id: str, document: Document) -> Iterator[Row]:
    for number, entity in enumerate(document.entities):
        provenance = entity["provenance"]
        yield (
            run_id, document.note_id, number, entity["entity_type"], entity["text"], entity["norm_text"],
            entity["begin"], entity["end"], entity["score"], entity["section"],
            *(entity["assertion"][name] for name in ASSERTIONS),
            provenance["extractor"], provenance["version"], provenance["method"], provenance["source"],
        )  # fmt: skip


def _attribute_rows(run_id: str, document: Document) -> Iterator[Row]:
    for number, entity in enumerate(document.entities):
        for position, part in enumerate(entity["attributes"]):
            values = (part["type"], part["text"], part["begin"], part["end"], part["norm"])
            yield (run_id, document.note_id, number, position, *values)


def _code_rows(run_id: str, document: Document) -> Iterator[Row]:
    for number, entity in enumerate(document.entities):
        for rank, code in enumerate(entity["codes"]):
            values = (code["system"], code["code"], code["display"], code["score"], code["release"])
            yield (run_id, document.note_id, number, rank, *values, code.get("reason", ""))


def _section_rows(run_id: str, document: Document) -> Iterator[Row]:
    for number, section in enumerate(document.sections):
        said = (section["type"], loinc_of(section["type"]), section["header"], section["begin"], section["end"])
        yield (run_id, document.note_id, number, *said)


def _strings(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.STRING) for name in names)


TABLES: Final[tuple[Table, ...]] = (
    Table("notes", NOTE_COLUMNS, _note_rows),
    Table(
        "entities",
        (
            *_ENTITY_PLACE,
            *_strings("entity_type", "text", "norm_text"),
            *_SPAN,
            Column("score", Kind.NUMBER),
            Column("section", Kind.STRING),
            *(Column(name, Kind.BOOLEAN) for name in ASSERTIONS),
            *_strings("extractor", "extractor_version", "method", "rule"),
        ),
        _entity_rows,
    ),
    Table(
        "attributes",
        (*_ENTITY_PLACE, Column("position", Kind.INTEGER), *_strings("type", "text"), *_SPAN, *_strings("norm")),
        _attribute_rows,
    ),
    Table(
        "codes",
        (
            *_ENTITY_PLACE,
            Column("rank", Kind.INTEGER, "0 is the best"),
            *_strings("system", "code", "display"),
            Column("score", Kind.NUMBER),
            Column("release", Kind.STRING),
            Column("reason", Kind.STRING, "why this code: docs/models.md"),
        ),
        _code_rows,
    ),
    Table(
        "sections",
        (*_PLACE, Column("position", Kind.INTEGER), *_strings("type", "loinc", "header"), *_SPAN),
        _section_rows,
    ),
)
