"""What the files of each form hold, as lineage tells it: their columns, or the elements of a record."""

from collections.abc import Callable, Sequence
from typing import Final

from hctap_etl.exports.forms import Form

# The columns of a file with their types, where the form says them.
Columns = Sequence[tuple[str, str | None]]


def columns_by_file(form: Form) -> dict[str, Columns]:
    """The files that an export in this form writes, each with its columns in order."""
    return _SHAPES[form]()


def _tables(ending: str) -> dict[str, Columns]:
    from hctap_etl.exports.flat import TABLES

    return {
        f"{table.name}.{ending}": [(column.name, column.kind.value) for column in table.columns] for table in TABLES
    }


def _omop() -> dict[str, Columns]:
    from hctap_etl.exports.omop import NOTE_COLUMNS, NOTE_NLP_COLUMNS, PERSON_COLUMNS

    files = {"note.csv": NOTE_COLUMNS, "note_nlp.csv": NOTE_NLP_COLUMNS, "person_source.csv": PERSON_COLUMNS}
    return {name: [(column, None) for column in columns] for name, columns in files.items()}


def _fhir() -> dict[str, Columns]:
    elements = {"resourceType": "code", "id": "id", "type": "code", "entry": "BackboneElement", "timestamp": "instant"}
    return {"bundles.ndjson": list(elements.items())}


def _comprehend() -> dict[str, Columns]:
    from hctap_core.comprehend import entities_answer

    return {"comprehend.jsonl": [(name, None) for name in ("NoteId", *entities_answer((), ""))]}


_SHAPES: Final[dict[Form, Callable[[], dict[str, Columns]]]] = {
    Form.CSV: lambda: _tables("csv"),
    Form.PARQUET: lambda: _tables("parquet"),
    Form.OMOP: _omop,
    Form.FHIR: _fhir,
    Form.COMPREHEND: _comprehend,
}
