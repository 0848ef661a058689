"""The lake against what the database remembers of it: what is missing, what can be written back, what is gone.

An emulator that keeps nothing forgets the lake when it is started again, while PostgreSQL remembers.
"""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from hctap_cli.lines import render_lines
from hctap_cli.progress import Meter
from hctap_core.notes import sha256_of
from hctap_etl.erasing import write_tombstone
from hctap_etl.intake import render_batch
from hctap_etl.packs import BATCH_METADATA, join_lines, pack_metadata
from hctap_etl.products.producing import find_products, make_products
from hctap_etl.publishing import publish, write_quarantine
from hctap_stores.database import deletions, export, remembered, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.remembered import RememberedPack, RememberedPart
from hctap_stores.lake.bucket import Bucket, map_in_threads
from hctap_stores.lake.keys import (
    LATEST_KEY,
    batch_key,
    manifest_key,
    products_key,
    quarantine_key,
    surrogate_key,
    tombstone_key,
)
from hctap_stores.lake.lake import Lake

log = logging.getLogger(__name__)

_JSON: Final = {"Content-Type": "application/json"}
_PAGE: Final = 200


class Kind(StrEnum):
    """What an object of the lake holds."""

    NOTE = "note"
    PACK = "pack of notes"
    REFUSED = "refused record"
    BATCH = "import"
    PART = "entities of a shard"
    RUN = "manifest and products of a run"
    SURROGATE = "way back from a surrogate"
    TOMBSTONE = "tombstone of a deleted note"


@dataclass(frozen=True, slots=True)
class Missing:
    """An object that the database knows of and the lake does not have; `why` it cannot be written back, if so."""

    kind: Kind
    bucket: str
    key: str
    why: str | None = None


@dataclass(slots=True)
class Comparison:
    """How the lake stands to the database: how many objects that knows of, which are missing, which are gone."""

    known: int = 0
    missing: list[Missing] = field(default_factory=list)

    @property
    def gone(self) -> list[Missing]:
        """What nothing can write back."""
        return [item for item in self.missing if item.why is not None]


def compare(lake: Lake, database: Database) -> Comparison:
    """What the database knows of and the lake does not have; nothing is read but keys, nothing is written.

    Raises:
        StoreUnavailable: If lake or database do not answer.
    """
    # The database is read first: what is written meanwhile is then not taken for missing.
    expected = [*_expected_raw(lake, database), *_expected_enriched(lake, database)]
    there = {bucket.name: {item.key for item in bucket.list()} for bucket in (lake.raw, lake.enriched)}
    found = Comparison(known=len(expected))
    found.missing = [item for item in expected if item.key not in there[item.bucket]]
    return found


def restore(lake: Lake, database: Database, meter: Meter) -> Comparison:
    """Write back what is missing and can be made again, to the same bytes; says what was missing, and what is gone.

    Raises:
        StoreUnavailable: If lake or database do not answer.
        RunConflict: If an object that is there holds something else.
    """
    found = compare(lake, database)
    missing = {item.key for item in found.missing if item.why is None}
    with meter.track("writing back", len(missing)) as advance:
        for written in (_write_raw, _write_enriched):
            for _ in written(lake, database, found, missing):
                advance(1)
    lake.mark()
    if found.missing:
        log.info("lake_restored", extra={"count": len(found.missing) - len(found.gone), "remaining": len(found.gone)})
    return found


def _write_raw(lake: Lake, database: Database, found: Comparison, missing: set[str]) -> Iterator[str]:
    yield from _write_notes(lake.raw, database, [m.key for m in found.missing if m.kind is Kind.NOTE])
    for pack in remembered.list_packs(database):
        if pack.key in missing:
            _write_pack(lake.raw, database, pack, found)
            yield pack.key
    for batch in remembered.list_batches(database):
        if (key := batch_key(batch.batch_id)) in missing:
            lake.raw.write(key, render_batch(batch), _JSON)
            yield key


def _write_enriched(lake: Lake, database: Database, found: Comparison, missing: set[str]) -> Iterator[str]:
    for item in remembered.list_all_parts(database):
        if item.part.key in missing:
            _write_part(lake.enriched, database, item, found)
            yield item.part.key
    for tombstone in deletions.list_tombstones(database, only_erased=True):
        if (key := tombstone_key(tombstone.note_id)) in missing:
            write_tombstone(lake.enriched, tombstone)
            yield key
    for run_id in _republish(lake, database, missing):
        log.info("run_published_again", extra={"run_id": run_id})
        yield run_id


def _expected_raw(lake: Lake, database: Database) -> Iterator[Missing]:
    name = lake.raw.name
    for item in remembered.list_objects(database):
        if item.is_note:
            yield Missing(Kind.NOTE, name, item.key)
        else:
            yield Missing(Kind.REFUSED, name, item.key, f"only the reason is known: {item.reason}")
    for pack in remembered.list_packs(database):
        why = None if pack.is_all_notes else "of records that are no notes only the reason is known"
        yield Missing(Kind.PACK, name, pack.key, why)
    for batch in remembered.list_batches(database):
        yield Missing(Kind.BATCH, name, batch_key(batch.batch_id))


def _expected_enriched(lake: Lake, database: Database) -> Iterator[Missing]:
    name = lake.enriched.name
    for item in remembered.list_all_parts(database):
        yield Missing(Kind.PART, name, item.part.key)
    run_id = None
    for run_id in remembered.published_runs(database):
        run_no = runs.find_run(database, run_id).run_no
        keys = [manifest_key(run_id), products_key(run_id), *(p.key for p in find_products(lake, run_id) or ())]
        keys += [quarantine_key(run_id, item.object_key) for item in runs.list_quarantine(database, run_no)]
        for key in keys:
            yield Missing(Kind.RUN, name, key)
    if run_id is not None:
        yield Missing(Kind.RUN, name, LATEST_KEY)
    for tombstone in deletions.list_tombstones(database, only_erased=True):
        yield Missing(Kind.TOMBSTONE, name, tombstone_key(tombstone.note_id))
    for raw, content in remembered.surrogates_of(database):
        yield Missing(Kind.SURROGATE, name, surrogate_key(raw, content), "it was kept in the lake alone")


def _write_notes(bucket: Bucket, database: Database, keys: list[str]) -> Iterator[str]:
    def write(item: remembered.RememberedNote) -> str:
        metadata = _JSON | ({BATCH_METADATA: item.batch_id} if item.batch_id else {})
        # Not over a note that came meanwhile.
        bucket.create(item.key, item.note.to_json(), metadata)
        return item.key

    for place in range(0, len(keys), _PAGE):
        yield from map_in_threads(write, remembered.read_notes(database, keys[place : place + _PAGE]))


def _write_pack(bucket: Bucket, database: Database, pack: RememberedPack, found: Comparison) -> None:
    lines = join_lines(note.to_json() for note in remembered.read_pack(database, pack.key))
    if hashlib.md5(lines, usedforsecurity=False).hexdigest() == pack.etag:
        bucket.create(pack.key, lines, pack_metadata(pack.batch_id))
        return
    # Others may write the same note in other bytes.
    gone = Missing(Kind.PACK, bucket.name, pack.key, "what it held is known, but not its bytes")
    found.missing = [gone if missing.key == pack.key else missing for missing in found.missing]


def _write_part(bucket: Bucket, database: Database, item: RememberedPart, found: Comparison) -> None:
    note_ids = remembered.notes_of_shard(database, item.run_no, item.shard)
    notes = export.read_notes(database, item.run_no, item.run_id, note_ids)
    lines = render_lines(entity for note_id in note_ids for entity in notes[note_id].entities)
    if sha256_of(lines.decode()) == item.part.sha256:
        bucket.settle(item.part.key, lines)
        return
    # An object that is named by its content must not hold another.
    gone = Missing(Kind.PART, bucket.name, item.part.key, "the tables do not give its bytes any more")
    found.missing = [gone if missing.key == item.part.key else missing for missing in found.missing]


def _republish(lake: Lake, database: Database, missing: set[str]) -> Iterator[str]:
    """Write what stands beside the parts of finished runs: products, quarantine, manifest, and which one is latest."""
    ids = list(remembered.published_runs(database))
    for run_id in ids:
        stored = runs.find_run(database, run_id)
        keys = {manifest_key(run_id), products_key(run_id), *(p.key for p in find_products(lake, run_id) or ())}
        quarantine = {quarantine_key(run_id, item.object_key) for item in runs.list_quarantine(database, stored.run_no)}
        if quarantine & missing:
            write_quarantine(lake, database, stored)
        if keys & missing:
            make_products(lake, database, stored)
        if keys & missing or (run_id == ids[-1] and LATEST_KEY in missing):
            publish(lake, database, stored)
            yield run_id
