"""The data products of the lake: their tables, columns and partitions, from which files and DDL are made.

Types are those of Athena (https://docs.aws.amazon.com/athena/latest/ug/data-types.html).
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from pydantic import BaseModel

from hctap_core.entities import Assertion, Attribute, Code, Cue

STRING, INT, BIGINT, DOUBLE, BOOLEAN, TIMESTAMP = "string", "int", "bigint", "double", "boolean", "timestamp"
_SPAN: Final = (("begin", INT), ("end", INT))
Fields = tuple[tuple[str, str], ...]
# A column's type, or the fields of the records that it lists.
ColumnType = str | Fields


def _fields_of(model: type[BaseModel]) -> Fields:
    """The fields of a record, in the types of the lake."""
    return tuple((name, _simple_type(field.annotation)) for name, field in model.model_fields.items())


def _simple_type(annotation: object) -> str:
    # An optional field is one of its type: every column may be null.
    kinds = set(get_args(annotation) or (annotation,)) - {type(None)}
    for python, simple in ((int, INT), (float, DOUBLE)):
        if kinds == {python}:
            return simple
    return STRING


CODE_FIELDS: Final = _fields_of(Code)
ATTRIBUTE_FIELDS: Final = _fields_of(Attribute)
CUE_FIELDS: Final = _fields_of(Cue)


@dataclass(frozen=True, slots=True)
class ProductTable:
    """A table of the lake: where it lies, its columns, and the partitions that stand in its keys."""

    name: str
    prefix: str
    format: Literal["parquet", "json"]
    columns: tuple[tuple[str, ColumnType], ...]
    partitions: tuple[str, ...] = ("run",)
    comment: str = ""


SILVER_NOTES: Final = ProductTable(
    "silver_notes",
    "silver/notes",
    "parquet",
    (
        ("note_id", STRING),
        ("specialty", STRING),
        ("note_type", STRING),
        ("authored_at", TIMESTAMP),
        ("patient_id", STRING),
        ("encounter_id", STRING),
        ("source", STRING),
        ("language", STRING),
        ("data_class", STRING),
        ("batch_id", STRING),
        ("object_key", STRING),
        ("etag", STRING),
        ("content_sha256", STRING),
        ("checksum", STRING),
        ("results_of", STRING),
        ("characters", INT),
    ),
    comment="Every note that a run worked on, without its text; results_of is the note_id its entities stand under.",
)
SILVER_ENTITIES: Final = ProductTable(
    "silver_entities",
    "silver/entities",
    "parquet",
    (
        ("note_id", STRING),
        ("text", STRING),
        ("norm_text", STRING),
        *_SPAN,
        ("score", DOUBLE),
        ("section", STRING),
        *((name, BOOLEAN) for name in Assertion.model_fields),
        ("codes", CODE_FIELDS),
        ("attributes", ATTRIBUTE_FIELDS),
        ("extractor", STRING),
        ("extractor_version", STRING),
        ("method", STRING),
        ("rule", STRING),
        ("cues", CUE_FIELDS),
    ),
    ("run", "entity_type"),
    comment="What was found, once for each distinct text; join silver_notes.results_of to note_id.",
)
_COUNTS: Final = tuple((name, BIGINT) for name in ("problems", "medications", "tests", "procedures", "anatomy"))
GOLD: Final = (
    ProductTable(
        "gold_top_terms",
        "gold/top_terms",
        "json",
        (
            ("grouping", STRING),
            ("specialty", STRING),
            ("month", STRING),
            ("entity_type", STRING),
            ("norm_text", STRING),
            ("notes", BIGINT),
            ("mentions", BIGINT),
            ("rank", INT),
        ),
        comment="Affirmed problems and medications by notes: all, by specialty, by month, by both.",
    ),
    ProductTable(
        "gold_volumes",
        "gold/volumes",
        "json",
        (
            ("specialty", STRING),
            ("month", STRING),
            ("notes", BIGINT),
            ("characters", BIGINT),
            ("entities", BIGINT),
            *_COUNTS,
        ),
        comment="Notes and entities by specialty and month.",
    ),
    ProductTable(
        "gold_assertion_rates",
        "gold/assertion_rates",
        "json",
        (
            ("entity_type", STRING),
            ("entities", BIGINT),
            ("affirmed", BIGINT),
            *((name, BIGINT) for name in Assertion.model_fields),
            *((f"{name}_rate", DOUBLE) for name in Assertion.model_fields),
        ),
        comment="How often entities of each type are negated, uncertain, historical, hypothetical, of relatives.",
    ),
    ProductTable(
        "gold_coverage",
        "gold/coverage",
        "json",
        tuple(
            (name, BIGINT)
            for name in (
                "notes", "texts", "characters", "quarantined", "notes_without_entities", "notes_without_sections",
                "entities", "entities_with_code", "medications", "medications_with_amount", "tests", "tests_with_value",
            )
        ),
        comment="How much of the notes and entities was reached.",
    ),
)  # fmt: skip
ENTITY_LINES: Final = ProductTable(
    "entities",
    "entities",
    "json",
    (
        ("note_id", STRING),
        ("run_id", STRING),
        ("entity_type", STRING),
        ("text", STRING),
        ("norm_text", STRING),
        *_SPAN,
        ("score", DOUBLE),
        ("section", STRING),
        ("codes", CODE_FIELDS),
        ("attributes", ATTRIBUTE_FIELDS),
    ),
    comment="The parts that a run wrote itself, as JSON Lines; what it carried over is in silver_entities.",
)
TABLES: Final = (ENTITY_LINES, SILVER_NOTES, SILVER_ENTITIES, *GOLD)
