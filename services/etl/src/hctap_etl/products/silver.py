"""Silver: notes and entities as Parquet, partitioned by run and type.

Entities come from the run's parts in the lake, parsed by Arrow a part at a time, so that neither the database nor the
memory bears the whole run. The same parts give the same bytes.
"""

import io
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import accumulate, islice
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj
import pyarrow.parquet as pq

from hctap_core.entities import Assertion, EntityType
from hctap_core.errors import RunConflict
from hctap_core.runs import Part
from hctap_etl.outlines import NUMBERS, Outline, OutlineFile
from hctap_etl.products.layout import SILVER_ENTITIES, SILVER_NOTES, ColumnType, ProductTable
from hctap_stores.database.rows import Block
from hctap_stores.lake.bucket import Bucket

# Arrow's own ways of keeping memory clear twice as many pages for a run and hold 100 MB more.
pa.set_memory_pool(pa.system_memory_pool())

ROWS_A_GROUP: Final = 65_536
# Larger objects are read better, but one of each type is made in memory at the same time.
MAX_OBJECT_BYTES: Final = 16 * 1024 * 1024
_ZSTD_LEVEL: Final = 3
_TYPES: Final[dict[str, pa.DataType]] = {
    "string": pa.string(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("ms", tz="UTC"),
}


def _arrow_type(kind: ColumnType) -> pa.DataType:
    if isinstance(kind, str):
        return _TYPES[kind]
    return pa.list_(pa.struct([pa.field(name, _TYPES[simple]) for name, simple in kind]))


def arrow_schema(table: ProductTable) -> pa.Schema:
    """The Arrow schema of a product's files: its columns without the partitions."""
    return pa.schema([pa.field(name, _arrow_type(kind)) for name, kind in table.columns])


_ENTITY_SCHEMA: Final = arrow_schema(SILVER_ENTITIES)
_PROVENANCE: Final = {"extractor": "extractor", "version": "extractor_version", "method": "method", "source": "rule"}
_LINE_SCHEMA: Final = pa.schema(
    [
        pa.field("entity_type", pa.string()),
        *(
            _ENTITY_SCHEMA.field(name)
            for name in ("note_id", "text", "norm_text", "begin", "end", "score", "section", "codes", "attributes")
        ),
        pa.field("assertion", pa.struct([pa.field(name, pa.bool_()) for name in Assertion.model_fields])),
        pa.field(
            "provenance",
            pa.struct([*(pa.field(name, pa.string()) for name in _PROVENANCE), _ENTITY_SCHEMA.field("cues")]),
        ),
    ]
)

# What the numbers of an outline name, by its block.
_NAMED: Final = {
    "notes": pa.schema([_ENTITY_SCHEMA.field("note_id")]),
    "signs": pa.schema([_LINE_SCHEMA.field("assertion"), *map(_ENTITY_SCHEMA.field, ("score", "section"))]),
    "terms": pa.schema(
        [
            _LINE_SCHEMA.field("entity_type"),
            *map(_ENTITY_SCHEMA.field, ("norm_text", "codes")),
            pa.field("provenance", pa.struct([pa.field(name, pa.string()) for name in _PROVENANCE])),
        ]
    ),
    "details": pa.schema([*map(_ENTITY_SCHEMA.field, ("attributes", "cues"))]),
}
_ByType = list[tuple[str, pa.Table]]


class _Objects:
    """Rows into Parquet objects: groups of even size, a new object when one is large enough."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._waiting: list[pa.Table] = []
        self._rows_waiting = 0
        self._sink: io.BytesIO | None = None
        self._writer: pq.ParquetWriter | None = None
        self._rows = 0

    def add(self, table: pa.Table) -> Iterator[tuple[bytes, int]]:
        """Take rows; gives the objects that became full, with their rows."""
        self._waiting.append(table)
        self._rows_waiting += table.num_rows
        while self._rows_waiting >= ROWS_A_GROUP:
            whole = pa.concat_tables(self._waiting)
            self._write(whole.slice(0, ROWS_A_GROUP))
            # A copy: a slice would keep the rows that are written alive.
            rest = whole.slice(ROWS_A_GROUP).combine_chunks()
            self._waiting, self._rows_waiting = [rest], rest.num_rows
            if self._sink is not None and self._sink.tell() >= MAX_OBJECT_BYTES:
                yield self._close()

    def finish(self) -> Iterator[tuple[bytes, int]]:
        """Give what is left."""
        if self._rows_waiting:
            self._write(pa.concat_tables(self._waiting))
        self._waiting, self._rows_waiting = [], 0
        if self._writer is not None:
            yield self._close()

    def _write(self, rows: pa.Table) -> None:
        if self._sink is None or self._writer is None:
            self._sink = io.BytesIO()
            self._writer = pq.ParquetWriter(
                self._sink, self._schema, compression="zstd", compression_level=_ZSTD_LEVEL, version="2.6"
            )
        self._writer.write_table(rows.combine_chunks(), row_group_size=ROWS_A_GROUP)
        self._rows += rows.num_rows

    def _close(self) -> tuple[bytes, int]:
        if self._sink is None or self._writer is None:
            raise ValueError("no object is open")
        self._writer.close()
        made = (self._sink.getvalue(), self._rows)
        self._sink, self._writer, self._rows = None, None, 0
        return made


def entity_objects(
    bucket: Bucket, parts: Iterable[Part], outlines: OutlineFile | None = None
) -> Iterator[tuple[str, bytes, int]]:
    """The Parquet objects of a run's entities: type, bytes and rows of each.

    Parts whose outlines are known are not read.

    Raises:
        RunConflict: If a part is missing from the lake.
    """
    objects = {kind.value: _Objects(_ENTITY_SCHEMA) for kind in EntityType}
    for found in _read_beside(bucket, parts, outlines):
        for kind, rows in found:
            yield from ((kind, data, count) for data, count in objects[kind].add(rows))
    for kind, made in objects.items():
        yield from ((kind, data, count) for data, count in made.finish())


def _read_beside(bucket: Bucket, parts: Iterable[Part], outlines: OutlineFile | None) -> Iterator[_ByType]:
    """The entities of the parts in their order; those of the next one are read and parsed in a thread meanwhile."""
    with ThreadPoolExecutor(1, thread_name_prefix="hctap-lines") as pool:
        ahead: Future[_ByType] | None = None
        for part in parts:
            if part.rows == 0:
                continue
            before, ahead = ahead, pool.submit(_read_part, bucket, part, outlines)
            if before is not None:
                yield before.result()
                del before
        if ahead is not None:
            yield ahead.result()


def _read_part(bucket: Bucket, part: Part, outlines: OutlineFile | None) -> _ByType:
    kept = outlines.take(part.key) if outlines is not None else []
    if kept:
        return [found for outline in kept for found in _spell_out(outline)]
    lines = _read_lines(bucket, part)
    return [(kind, _flattened(rows)) for kind, rows in _split(lines, lines["entity_type"])]


def _split(rows: pa.Table, kinds: pa.ChunkedArray) -> _ByType:
    split = ((kind, rows.filter(pc.equal(kinds, same))) for kind, same in _KINDS.items())
    return [(kind, found) for kind, found in split if found.num_rows]


def _scalar(word: str) -> pa.StringScalar:
    """A word as Arrow has it; given one of Python's, Arrow imports pandas where there is one: 0.2 to 1.3 s of CPU."""
    data = word.encode()
    return pa.StringArray.from_buffers(1, pa.py_buffer(array("i", (0, len(data)))), pa.py_buffer(data))[0]


_KINDS: Final = {kind.value: _scalar(kind.value) for kind in EntityType}


def _parse(lines: Block, schema: pa.Schema) -> pa.Table:
    return pj.read_json(
        pa.BufferReader(lines),
        # A line must fit into a block.
        read_options=pj.ReadOptions(block_size=max(len(lines), 1)),
        parse_options=pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
    )


def _read_lines(bucket: Bucket, part: Part) -> pa.Table:
    found = bucket.read(part.key)
    if found is None:
        raise RunConflict(f"The object {part.key} is missing from {bucket.name}.", remedy="Begin a new run.")
    return _parse(found.data, _LINE_SCHEMA)


def _spell_out(outline: Outline) -> _ByType:
    """The entities of an outline, with what their numbers name."""
    numbers = memoryview(outline.numbers).cast("i")
    offsets = array("i", accumulate(memoryview(outline.sizes).cast("i"), initial=0))
    if len(offsets) == 1:
        return []
    count = len(offsets) - 1
    columns = {name: _integers(numbers[place * count :][:count]) for place, name in enumerate(NUMBERS)}
    columns["text"] = pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(outline.texts))
    named = {name.removesuffix("s"): _parse(getattr(outline, name), schema) for name, schema in _NAMED.items()}
    kinds = named["term"]["entity_type"].take(columns["term"])
    return [(kind, _joined(rows, named)) for kind, rows in _split(pa.table(columns), kinds)]


def _integers(numbers: "memoryview[int]") -> pa.Int32Array:
    return pa.Int32Array.from_buffers(pa.int32(), len(numbers), [None, pa.py_buffer(numbers)])


def _joined(entities: pa.Table, named: Mapping[str, pa.Table]) -> pa.Table:
    columns = {name: entities[name] for name in ("text", "begin", "end")}
    for name, table in named.items():
        columns |= {each: column.take(entities[name]) for each, column in _flat(table).items()}
    return pa.table([columns[name] for name in _ENTITY_SCHEMA.names], schema=_ENTITY_SCHEMA)


def _flat(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    """The columns of lines under the names of silver's."""
    columns = {name: table[name] for name in table.column_names}
    if (origin := columns.pop("provenance", None)) is not None:
        columns |= {name: pc.struct_field(origin, field) for field, name in _PROVENANCE.items()}
    if (said := columns.pop("assertion", None)) is not None:
        columns |= {name: pc.struct_field(said, name) for name in Assertion.model_fields}
    return columns


def _flattened(lines: pa.Table) -> pa.Table:
    columns: dict[str, Any] = {name: lines[name] for name in lines.column_names}
    for name in Assertion.model_fields:
        columns[name] = pc.struct_field(lines["assertion"], name)
    for field, name in (*_PROVENANCE.items(), ("cues", "cues")):
        columns[name] = pc.struct_field(lines["provenance"], field)
    return pa.table([columns[name] for name in _ENTITY_SCHEMA.names], schema=_ENTITY_SCHEMA)


def note_objects(facts: Iterable[dict[str, Any]]) -> Iterator[tuple[bytes, int]]:
    """The Parquet objects of a run's notes: bytes and rows of each."""
    schema = arrow_schema(SILVER_NOTES)
    objects = _Objects(schema)
    rows = iter(facts)
    while page := list(islice(rows, ROWS_A_GROUP)):
        # As lines, for the same reason.
        yield from objects.add(_parse("\n".join([json.dumps(fact, default=_date) for fact in page]).encode(), schema))
    yield from objects.finish()


def _date(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
