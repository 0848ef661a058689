"""Tables as CSV for spreadsheets and as Parquet for programs; the same rows give the same bytes."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hctap_cli.outputs.columns import Column, Layout

if TYPE_CHECKING:
    from arro3.core import RecordBatch

Cell = str | int | float | bool | None
Row = Mapping[str, Cell]

# A spreadsheet runs a cell that begins so (https://owasp.org/www-community/attacks/CSV_Injection).
_RUNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - spreadsheets take the wide ones too
_ROWS_OF_A_BATCH: Final = 10_000


class TableWriter:
    """Writes one table twice into a folder: `NAME.csv` and `NAME.parquet`, in place when it is closed.

    In the CSV a cell that a spreadsheet would run has an apostrophe before it; the Parquet holds the words as they are.
    """

    def __init__(self, folder: Path, layout: Layout) -> None:
        self._layout = layout
        self._csv, self._parquet = folder / f"{layout.name}.csv", folder / f"{layout.name}.parquet"
        # Spreadsheets take UTF-8 for something else unless the file begins with its mark.
        self._stream = _draft(self._csv).open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._stream)
        self._writer.writerow(column.name for column in layout.columns)
        self._waiting: list[Row] = []
        self._batches: list[RecordBatch] = []
        self.rows = 0

    def add(self, rows: Iterable[Row]) -> None:
        """Write further rows."""
        for row in rows:
            self._writer.writerow([_cell(column, row.get(column.name)) for column in self._layout.columns])
            self._waiting.append(row)
            self.rows += 1
        if len(self._waiting) >= _ROWS_OF_A_BATCH:
            self._pack()

    def close(self) -> None:
        """Put both files in place."""
        self._stream.close()
        self._pack()
        _write_parquet(_draft(self._parquet), self._layout, self._batches)
        for path in (self._csv, self._parquet):
            _draft(path).replace(path)

    def discard(self) -> None:
        """Leave no file behind."""
        self._stream.close()
        for path in (self._csv, self._parquet):
            _draft(path).unlink(missing_ok=True)

    def _pack(self) -> None:
        """Keep the waiting rows as columns, which take a fraction of their memory."""
        if self._waiting:
            self._batches.append(_batch_of(self._layout, self._waiting))
            self._waiting = []


def tame(words: str) -> str:
    """Words as they can stand in a spreadsheet: with an apostrophe before what it would run."""
    return f"'{words}" if words.startswith(_RUNS) else words


def _cell(column: Column, value: Cell) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return tame(str(value)) if column.kind == "words" else value


def _batch_of(layout: Layout, rows: list[Row]) -> "RecordBatch":
    from arro3.core import Array, RecordBatch

    kinds = _kinds()
    arrays = [Array([row.get(column.name) for row in rows], kinds[column.kind]) for column in layout.columns]
    return RecordBatch.from_arrays(arrays, names=[column.name for column in layout.columns])


def _write_parquet(path: Path, layout: Layout, batches: list["RecordBatch"]) -> None:
    from arro3.core import Field, Schema, Table
    from arro3.io import write_parquet

    kinds = _kinds()
    schema = Schema([Field(column.name, kinds[column.kind], nullable=True) for column in layout.columns])
    write_parquet(Table.from_batches(batches, schema=schema), path, compression="zstd(3)")


def _kinds() -> dict[str, Any]:
    from arro3.core import DataType

    return {
        "words": DataType.string(),
        "number": DataType.int64(),
        "score": DataType.float64(),
        "flag": DataType.bool(),
    }


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.draft")
