"""CSV as RFC 4180 has it, in UTF-8 with line feeds; an empty field is no value, an empty text is quoted."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any, BinaryIO, Self

from hctap_core.moments import moment_text
from hctap_etl.exports.flat import TABLES
from hctap_etl.exports.folder import OutputFolder
from hctap_stores.database.documents import Document


class CsvWriter:
    """Rows into one CSV file."""

    def __init__(self, stream: BinaryIO, header: Iterable[str]) -> None:
        self._text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        # Strings in quotation marks and nothing else: so an empty string and no value differ.
        self._writer = csv.writer(self._text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        self._text.write(",".join(header) + "\n")

    def write(self, row: Iterable[Any]) -> None:
        """Write one row."""
        self._writer.writerow(list(map(_field, row)))

    def close(self) -> None:
        """Write what is left; the file itself stays open."""
        self._text.flush()
        self._text.detach()


class _Bare(float):
    """A field that stands without quotation marks: csv takes it for a number and asks for its text."""

    words: str

    def __new__(cls, words: str) -> Self:
        made = super().__new__(cls, 0)
        made.words = words
        return made

    def __repr__(self) -> str:
        return self.words

    __str__ = __repr__


_NOTHING, _TRUE, _FALSE = _Bare(""), _Bare("true"), _Bare("false")


def _field(value: object) -> object:
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, datetime):
        return _Bare(moment_text(value))
    return value


class CsvExport:
    """Notes, entities, attributes, codes and sections as CSV files."""

    def __init__(self, folder: OutputFolder, run_id: str) -> None:
        self._run_id = run_id
        self._writers = [(table, CsvWriter(folder.open(f"{table.name}.csv"), table.names)) for table in TABLES]

    def write(self, document: Document) -> None:
        """Write what was found in a note."""
        for table, writer in self._writers:
            for row in table.rows(self._run_id, document):
                writer.write(row)

    def close(self) -> dict[str, int]:
        """Finish the files; there is nothing to remark."""
        for _, writer in self._writers:
            writer.close()
        return {}
