"""Objects of the lake that nothing names: what crashes and runs that were given up left behind."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from hctap_core.runs import FINISHED, MANIFEST_VERSION, Manifest
from hctap_etl.products.layout import TABLES
from hctap_etl.products.producing import find_products
from hctap_stores.database import holding, parts
from hctap_stores.database.connection import Database
from hctap_stores.database.runs import StoredRun
from hctap_stores.lake.bucket import Bucket
from hctap_stores.lake.keys import LATEST_KEY, PARTS_PREFIX, manifest_key
from hctap_stores.lake.lake import Lake
from hctap_stores.lake.versions import require_known
from hctap_stores.listing import ListedObject

log = logging.getLogger(__name__)

_PREFIXES: Final = tuple(f"{table.prefix}/run=" for table in TABLES)


@dataclass(frozen=True, slots=True)
class Swept:
    """What was deleted, and how many runs were let be since somebody works on them."""

    objects: int = 0
    bytes: int = 0
    busy: int = 0


def sweep(lake: Lake, database: Database) -> Swept:
    """Delete parts and data products of runs that are over which neither ledger nor manifest names; the rest stays.

    Raises:
        StoreUnavailable: If lake or database do not answer.
        MigrationNeeded: If a newer program has written a manifest.
    """
    objects = size = busy = 0
    for run_id, listed in _objects_of(lake.enriched, parts.runs_that_are_over(database)).items():
        # What is named is read, and what is not is deleted, while nobody can name more.
        with holding.hold_ended(database, run_id) as stored:
            if stored is None:
                busy += 1
                log.info("sweep_left_run", extra={"run_id": run_id})
                continue
            for item in _orphans(lake, database, stored, listed):
                lake.enriched.delete(item.key)
                objects, size = objects + 1, size + item.bytes
                log.info("orphan_deleted", extra={"run_id": run_id, "key": item.key, "bytes": item.bytes})
    return Swept(objects, size, busy)


def _objects_of(bucket: Bucket, run_ids: frozenset[str]) -> dict[str, list[ListedObject]]:
    """Parts and data products by run."""
    found: defaultdict[str, list[ListedObject]] = defaultdict(list)
    for prefix in _PREFIXES:
        for item in bucket.list(prefix):
            run_id, slash, _ = item.key.removeprefix(prefix).partition("/")
            if slash and run_id in run_ids:
                found[run_id].append(item)
    return found


def _orphans(
    lake: Lake, database: Database, stored: StoredRun, listed: Iterable[ListedObject]
) -> Iterator[ListedObject]:
    run_id, products = stored.run.run_id, find_products(lake, stored.run.run_id)
    manifest, latest = (_read_manifest(lake.enriched, key) for key in (manifest_key(run_id), LATEST_KEY))
    told = (part for found in (manifest, latest) if found is not None for part in (*found.parts, *found.products))
    named = parts.named_among(database, [item.key for item in listed])
    named |= {part.key for part in (*told, *(products or ()))}
    # A finished run whose manifest is still to come is published with the products that are there.
    keeps_products = stored.run.status in FINISHED and (products is None or manifest is None)
    for item in listed:
        if item.key not in named and (item.key.startswith(PARTS_PREFIX) or not keeps_products):
            yield item


def _read_manifest(bucket: Bucket, key: str) -> Manifest | None:
    require_known(bucket, key, "manifest_version", MANIFEST_VERSION)
    found = bucket.read(key)
    return None if found is None else Manifest.model_validate_json(found.data)
