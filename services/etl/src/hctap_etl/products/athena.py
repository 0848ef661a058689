"""The lake's tables as DDL for Athena and the Glue catalogue, generated from their layout.

`python -m hctap_etl.products.athena FOLDER` writes a file a statement, for Athena takes one at a time; `--check` only
says which are stale.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from hctap_core.contracts import stale_files
from hctap_core.entities import EntityType
from hctap_etl.products.layout import TABLES, ColumnType, ProductTable

DATABASE: Final = "hctap"
# What whoever runs the DDL puts in: the name of the enriched bucket.
BUCKET: Final = "${enriched_bucket}"
# The same: the id of a run that is published.
RUN: Final = "${run_id}"
_HEAD: Final = "-- Generated from the layout of the lake: change that, then `make contracts`.\n"
_FORMATS: Final = {
    "parquet": "STORED AS PARQUET",
    "json": "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'",
}


def render_all(folder: Path) -> dict[Path, str]:
    """Every file of the folder with its one statement: for each table the one that makes it, and a run's partitions."""
    return {folder / f"{table.name}.sql": render_table(table) for table in TABLES} | {
        folder / f"{table.name}.partitions.sql": render_partitions(table) for table in TABLES
    }


def render_table(table: ProductTable) -> str:
    """The statement that makes a table."""
    columns = ",\n".join(f"  `{name}` {_type_of(kind)}" for name, kind in table.columns)
    partitions = ", ".join(f"`{name}` string" for name in table.partitions)
    return (
        f"{_HEAD}"
        f"CREATE EXTERNAL TABLE IF NOT EXISTS `{DATABASE}`.`{table.name}` (\n{columns}\n)\n"
        f"COMMENT {_quoted(table.comment)}\n"
        f"PARTITIONED BY ({partitions})\n"
        f"{_FORMATS[table.format]}\n"
        f"LOCATION 's3://{BUCKET}/{table.prefix}/';\n"
    )


def render_partitions(table: ProductTable) -> str:
    """The statement that shows a published run in a table."""
    # Not all prefixes that there are, as MSCK REPAIR TABLE does: some are of runs that are under way or were given up.
    partitions = [f"run = '{RUN}'"]
    if "entity_type" in table.partitions:
        partitions = [f"{partitions[0]}, entity_type = '{kind.value}'" for kind in EntityType]
    added = "".join(f"\n  PARTITION ({values})" for values in partitions)
    return f"{_HEAD}ALTER TABLE `{DATABASE}`.`{table.name}` ADD IF NOT EXISTS{added};\n"


def _quoted(text: str) -> str:
    """A string literal of Hive's language, which Athena's DDL is written in."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _type_of(kind: ColumnType) -> str:
    if isinstance(kind, str):
        return kind
    return f"array<struct<{','.join(f'`{name}`:{simple}' for name, simple in kind)}>>"


def main(arguments: list[str] | None = None) -> int:
    """Write the DDL, or with `--check` name the stale files on standard error and return 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args(arguments)
    files = render_all(given.folder)
    stale = stale_files(files)
    unknown = sorted(set(given.folder.glob("*.sql")) - set(files))
    if given.check:
        for path in (*stale, *unknown):
            sys.stderr.write(f"stale: {path}; run `make contracts` and commit the result\n")
        return 1 if stale or unknown else 0
    given.folder.mkdir(parents=True, exist_ok=True)
    for path in stale:
        path.write_bytes(files[path].encode())
    for path in unknown:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
