"""The data products of a finished run, into the lake, each object named by its content."""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, Final

from hctap_cli.lines import render_lines
from hctap_core.entities import Assertion
from hctap_core.runs import Part
from hctap_etl.outlines import OutlineFile
from hctap_etl.products.growing import Made
from hctap_etl.products.layout import GOLD, SILVER_ENTITIES, SILVER_NOTES, ProductTable
from hctap_stores.database import runs
from hctap_stores.database.aggregates import read_aggregate, read_note_facts
from hctap_stores.database.connection import Database
from hctap_stores.database.holding import hold_run
from hctap_stores.database.repeated import Repeated, find_repeated
from hctap_stores.database.runs import StoredRun
from hctap_stores.lake.keys import product_key, products_key
from hctap_stores.lake.lake import Lake
from hctap_stores.lake.versions import require_known

log = logging.getLogger(__name__)

PRODUCTS_SCHEMA_VERSION: Final = 1
_ENDINGS: Final = {"parquet": "parquet", "json": "jsonl"}


def find_products(lake: Lake, run_id: str) -> tuple[Part, ...] | None:
    """The data products that a run has, None if they are not made yet.

    Raises:
        MigrationNeeded: If a newer program has written what they are.
    """
    require_known(lake.enriched, products_key(run_id), "schema_version", PRODUCTS_SCHEMA_VERSION)
    found = lake.enriched.read(products_key(run_id))
    if found is None:
        return None
    return tuple(Part.model_validate(part) for part in json.loads(found.data)["products"])


def make_products(
    lake: Lake, database: Database, stored: StoredRun, ahead: Callable[[], list[Part]] | None = None
) -> tuple[Part, ...]:
    """Write silver and gold of a finished run; what stands in the lake already is left as it is.

    `ahead` gives all of them where somebody writes them already.

    Raises:
        RunConflict: If an object holds something else, a part of the run is missing, or another process works on it.
    """
    with hold_run(database, stored.run.run_id):
        if ahead is not None:
            return _note(lake, stored.run.run_id, ahead())
        repeated = find_repeated(database, stored.run_no)
        made = repeat_products(lake, database, stored, repeated) if repeated else _write(lake, database, stored)
        return _note(lake, stored.run.run_id, made)


def repeat_products(lake: Lake, database: Database, stored: StoredRun, repeated: Repeated) -> list[Part]:
    """Copy silver and gold of the run that a finished run repeats; they are written anew where that has them no more.

    Raises:
        RunConflict: If an object holds something else, or a part of the run is missing.
    """
    copied = _copy(lake, repeated.run_id, stored.run.run_id)
    return _write(lake, database, stored) if copied is None else copied


def _write(lake: Lake, database: Database, stored: StoredRun) -> list[Part]:
    parts = runs.list_parts(database, stored.run_no)
    entities = write_entities(lake, stored.run.run_id, make_entities(lake, parts))
    return [*entities, *write_counted(lake, database, stored)]


def write_counted(lake: Lake, database: Database, stored: StoredRun) -> list[Part]:
    """Write what the database tells of the notes of a run: silver's notes, and gold.

    Raises:
        RunConflict: If an object holds something else.
    """
    return [_settle(lake, stored.run.run_id, *product) for product in _counted(database, stored)]


def make_entities(lake: Lake, parts: Iterable[Part], outlines: OutlineFile | None = None) -> Generator[Made]:
    """The entities of silver from the parts of a run, and from the outlines of those that have any.

    Raises:
        RunConflict: If a part is missing.
    """
    # Half a second to import, which commands that make no products do not spend.
    from hctap_etl.products.silver import entity_objects

    yield from entity_objects(lake.enriched, parts, outlines)


def write_entities(lake: Lake, run_id: str, objects: Iterable[Made]) -> list[Part]:
    """Write the entities of silver into the lake.

    Raises:
        RunConflict: If an object holds something else, or a part that it is made of is missing.
    """
    made: list[Part] = []
    numbers: Counter[str] = Counter()
    for kind, data, rows in objects:
        made.append(_settle(lake, run_id, SILVER_ENTITIES, {"entity_type": kind}, numbers[kind], data, rows))
        numbers[kind] += 1
    return made


def _settle(
    lake: Lake, run_id: str, table: ProductTable, partitions: dict[str, str], number: int, data: bytes, rows: int
) -> Part:
    sha256 = hashlib.sha256(data).hexdigest()
    key = product_key(table.prefix, {"run": run_id} | partitions, number, sha256, _ENDINGS[table.format])
    lake.enriched.settle(key, data)
    return Part(key=key, sha256=sha256, rows=rows, bytes=len(data))


def _copy(lake: Lake, earlier: str, run_id: str) -> list[Part] | None:
    """The products of a run under the keys of another that says the same, since nothing in them names their run.

    Returns:
        None if the earlier run has them no more.
    """
    products = find_products(lake, earlier)
    if products is None:
        return None
    made = []
    for part in products:
        key = part.key.replace(f"/run={earlier}/", f"/run={run_id}/", 1)
        found = lake.enriched.read(part.key)
        if found is None:
            return None
        lake.enriched.settle(key, found.data)
        made.append(part.model_copy(update={"key": key}))
    return made


def _note(lake: Lake, run_id: str, made: Iterable[Part]) -> tuple[Part, ...]:
    products = tuple(sorted(made, key=lambda part: part.key))
    record = {
        "schema_version": PRODUCTS_SCHEMA_VERSION,
        "run_id": run_id,
        "products": [part.model_dump(mode="json") for part in products],
    }
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, indent=2) + "\n"
    lake.enriched.write(products_key(run_id), text.encode(), {"Content-Type": "application/json"})
    log.info("products_written", extra={"run_id": run_id, "count": len(products)})
    return products


def _counted(database: Database, stored: StoredRun) -> Iterator[tuple[ProductTable, dict[str, str], int, bytes, int]]:
    """What the database tells: silver's notes, and gold."""
    from hctap_etl.products.silver import note_objects

    for number, (data, rows) in enumerate(note_objects(read_note_facts(database, stored.run_no))):
        yield SILVER_NOTES, {}, number, data, rows
    for table in GOLD:
        counted = read_aggregate(database, stored.run_no, table.name.removeprefix("gold_"))
        if lines := [_rated(row) for row in counted]:
            yield table, {}, 0, render_lines(lines), len(lines)


def _rated(row: dict[str, Any]) -> dict[str, Any]:
    """A row with the rates of its assertions, where it has counts of them."""
    rates = {f"{name}_rate": round(row[name] / row["entities"], 6) for name in Assertion.model_fields if name in row}
    return row | rates
