"""The tables that an extraction writes: their columns, in order, and what each holds."""

from dataclasses import dataclass
from typing import Final, Literal

from hctap_core.entities import CodeSystem
from hctap_core.evaluation import ASSERTIONS

Kind = Literal["words", "number", "score", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `words` may be the note's own or anybody's, so a spreadsheet must not run them."""

    name: str
    kind: Kind
    holds: str


@dataclass(frozen=True, slots=True)
class Layout:
    """A table's name and columns."""

    name: str
    columns: tuple[Column, ...]


def column_of_system(system: CodeSystem) -> str:
    """The name of the column for the codes of a system."""
    return system.value.lower().replace("-", "_")


_NOTE: Final = Column("note_id", "words", "the note")
_ENTITY: Final = Column("entity", "number", "the entity's number in its note, from 1, in text order")
_SPAN: Final = (
    Column("begin", "number", "where it begins, in characters of the note's text, from 0"),
    Column("end", "number", "where it ends, not itself included"),
)

NOTES: Final = Layout(
    "notes",
    (
        _NOTE,
        Column("origin", "words", "the file, and the line or row in it"),
        Column("state", "words", "`read`, `failed` or `skipped` (a kind of file that no reader knows)"),
        Column("reason", "words", "why it was not read, as one word"),
        Column("detail", "words", "what exactly was wrong; never the text itself"),
        Column("remedy", "words", "what to do about it"),
        Column("specialty", "words", "as the note says, or the name of its folder"),
        Column("note_type", "words", "as the note says"),
        Column("patient_id", "words", "as the note says"),
        Column("encounter_id", "words", "as the note says"),
        Column("characters", "number", "length of the text"),
        Column("entities", "number", "how many were found"),
        Column("content_sha256", "words", "the text's sha256, which tells two versions apart"),
    ),
)
SECTIONS: Final = Layout(
    "sections",
    (
        _NOTE,
        *_SPAN,
        Column("header", "words", "the heading as written"),
        Column("type", "words", "one of the closed set of section types"),
        Column("loinc", "words", "the LOINC code of such sections"),
    ),
)
ENTITIES: Final = Layout(
    "entities",
    (
        _NOTE,
        _ENTITY,
        Column("entity_type", "words", "PROBLEM, MEDICATION, TEST, PROCEDURE or ANATOMY"),
        Column("text", "words", "as written"),
        Column("norm_text", "words", "the normal form"),
        *_SPAN,
        Column("section", "words", "the type of its section"),
        *(Column(name, "flag", f"whether it is {name}") for name in ASSERTIONS),
        Column("score", "score", "the measured share of right answers of what found it, 0 to 1"),
        *(Column(column_of_system(system), "words", f"the best {system.value} code") for system in CodeSystem),
        Column("code_display", "words", "what the first of these codes is called"),
        Column("method", "words", "rule, vocabulary or model"),
        Column("source", "words", "which rule, row or model"),
        Column("cues", "words", "the words that decided the assertion, each with its rule"),
    ),
)
ATTRIBUTES: Final = Layout(
    "attributes",
    (
        _NOTE,
        _ENTITY,
        Column("type", "words", "STRENGTH, DOSE, FREQUENCY, VALUE, UNIT …"),
        Column("text", "words", "as written"),
        Column("norm", "words", "the normal form where one is known"),
        *_SPAN,
    ),
)
MEDICATIONS: Final = Layout(
    "medications",
    (
        _NOTE,
        _ENTITY,
        Column("drug", "words", "the normal form of the name"),
        Column("text", "words", "the name as written"),
        Column("strength", "words", "such as 10 mg"),
        Column("dose", "words", "such as 1 tab"),
        Column("form", "words", "such as tablet"),
        Column("route", "words", "such as PO"),
        Column("frequency", "words", "as written"),
        Column("frequency_norm", "words", "the normal form, such as times a day"),
        Column("duration", "words", "such as 7 days"),
        Column("prn", "words", "taken when needed, with the reason where one is given"),
        Column("status", "words", "start, stop, continue or change"),
        *(Column(name, "flag", f"whether it is {name}") for name in ASSERTIONS),
        Column("section", "words", "the type of its section"),
    ),
)
LAYOUTS: Final = (NOTES, SECTIONS, ENTITIES, ATTRIBUTES, MEDICATIONS)
