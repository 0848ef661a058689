"""Parquet (zstd) out of the flat tables, a batch of rows at a time."""

from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from hctap_etl.exports.flat import TABLES, Column, Kind, Row, Table
from hctap_etl.exports.folder import OutputFolder
from hctap_stores.database.documents import Document

ROWS_A_GROUP: Final = 65_536
ZSTD_LEVEL: Final = 3
_TYPES: Final[dict[Kind, Any]] = {
    Kind.STRING: pa.string(),
    Kind.INTEGER: pa.int32(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    # Athena and Spark read milliseconds everywhere.
    Kind.MOMENT: pa.timestamp("ms", tz="UTC"),
}


def arrow_schema(columns: tuple[Column, ...]) -> pa.Schema:
    """The Arrow schema of some columns."""
    return pa.schema([pa.field(column.name, _TYPES[column.kind]) for column in columns])


def parquet_writer(target: BinaryIO, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of Parquet with this project's settings; the same rows give the same bytes."""
    return pq.ParquetWriter(target, schema, compression="zstd", compression_level=ZSTD_LEVEL, version="2.6")


class _TableFile:
    def __init__(self, table: Table, stream: BinaryIO) -> None:
        self.table = table
        self._schema = arrow_schema(table.columns)
        self._writer = parquet_writer(stream, self._schema)
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        self._rows.append(row)
        if len(self._rows) >= ROWS_A_GROUP:
            self._flush()

    def close(self) -> None:
        if self._rows:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        columns = zip(*self._rows, strict=True)
        arrays = [pa.array(values, field.type) for values, field in zip(columns, self._schema, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema), row_group_size=ROWS_A_GROUP)
        self._rows.clear()


class ParquetExport:
    """Notes, entities, attributes, codes and sections as Parquet files."""

    def __init__(self, folder: OutputFolder, run_id: str) -> None:
        self._run_id = run_id
        self._files = [_TableFile(table, folder.open(f"{table.name}.parquet")) for table in TABLES]

    def write(self, document: Document) -> None:
        """Write what was found in a note."""
        for file in self._files:
            for row in file.table.rows(self._run_id, document):
                file.add(row)

    def close(self) -> dict[str, int]:
        """Finish the files; there is nothing to remark."""
        for file in self._files:
            file.close()
        return {}
