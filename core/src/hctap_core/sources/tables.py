"""Tables of notes: which column holds the text, and a row as the fields of a note."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from hctap_core.errors import MalformedRecord, UnsupportedInput
from hctap_core.notes import MAX_RECORD_BYTES
from hctap_core.reasons import QuarantineReason

# The names under which a table gives its texts, the most telling first.
TEXT_COLUMNS: Final = (
    "transcription", "text", "note_text", "report_text", "note", "report", "narrative", "body", "content",
)  # fmt: skip
_ID_COLUMNS: Final = ("note_id", "id")
_SPECIALTY_COLUMNS: Final = ("medical_specialty", "specialty")
_FURTHER_COLUMNS: Final = ("patient_id", "encounter_id", "note_type", "authored_at", "source", "language")
_DELIMITERS: Final = ",;\t|"
_UNDECODED: Final = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row as the fields of a note, or why it has none; `data` are its bytes."""

    number: int
    data: bytes
    fields: dict[str, Any]
    fault: MalformedRecord | None = None


class _Lines:
    """The lines of a table, and whether somebody has asked for more than there are."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.are_over = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if line := self._stream.readline():
            return line
        self.are_over = True
        raise StopIteration


def read_rows(path: Path, text_column: str | None = None) -> Iterator[TableRow]:
    """The rows of a table whose first line names the columns; rows without any value are left out.

    Raises:
        UnsupportedInput: If no column is known to hold the text.
        OSError: If the file cannot be read.
    """
    # Bytes that are not UTF-8 come through as lone surrogates, so that they spoil their own row and no other.
    csv.field_size_limit(MAX_RECORD_BYTES)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        lines, reader, header, column = _open(path, stream, text_column)
        number = 0
        while True:
            number += 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                detail = f"more than {MAX_RECORD_BYTES} bytes in one field"
                yield TableRow(number, b"", {}, MalformedRecord(QuarantineReason.TOO_LARGE, detail))
                continue
            if lines.are_over:
                # A row that is still open at the end holds all that follows its quotation mark, further notes as well.
                fault = MalformedRecord(QuarantineReason.SCHEMA, "a quotation mark of the row is not closed")
                yield TableRow(number, _written(row), {}, fault)
            elif any(row):
                yield _read_row(number, header, row, column)


def _open(path: Path, stream: TextIO, text_column: str | None) -> tuple[_Lines, Iterator[list[str]], list[str], str]:
    """The lines, a reader behind the header, the names of the columns, and the one that holds the text."""
    wanted = (text_column.strip().lower(),) if text_column else TEXT_COLUMNS
    for delimiter in _DELIMITERS:
        stream.seek(0)
        lines = _Lines(stream)
        reader = csv.reader(lines, delimiter=delimiter)
        try:
            header = [name.strip().lower() for name in next(reader, [])]
        except csv.Error:
            continue
        if column := next((name for name in wanted if name in header), None):
            return lines, reader, header, column
    known = f"The table {path.name} has no column that is known to hold the text."
    raise UnsupportedInput(
        f"The table {path.name} has no column {text_column}." if text_column else known,
        remedy=f"Its first line must name the columns; the text is looked for in {', '.join(TEXT_COLUMNS)}.",
    )


def _read_row(number: int, header: list[str], cells: list[str], column: str) -> TableRow:
    data = _written(cells)
    if any(_UNDECODED.search(value) for value in cells):
        fault = MalformedRecord(QuarantineReason.NOT_UTF8, "the row has bytes that are not UTF-8")
        return TableRow(number, data, {}, fault)
    # A text that is not quoted would else end at its first comma.
    if any(cells[len(header) :]):
        detail = f"the row has {len(cells)} cells, the header {len(header)}"
        return TableRow(number, data, {}, MalformedRecord(QuarantineReason.SCHEMA, detail))
    row = dict(zip(header, cells, strict=False))
    fields: dict[str, Any] = {name: row[name] for name in _FURTHER_COLUMNS if row.get(name)}
    for field, columns in (("note_id", _ID_COLUMNS), ("specialty", _SPECIALTY_COLUMNS)):
        value = next((row[name].strip() for name in columns if row.get(name, "").strip()), None)
        if value is not None and field != column:
            fields[field] = value
    return TableRow(number, data, fields | {"text": row.get(column, "")})


def _written(cells: list[str]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerow(cells)
    return written.getvalue().encode("utf-8", "surrogateescape")
