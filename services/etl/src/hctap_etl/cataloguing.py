"""The raw bucket into the catalogue: every new or changed object is read once and judged."""

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import chain
from typing import Final, TypeVar

from hctap_cli.progress import Meter
from hctap_core.errors import MalformedRecord
from hctap_core.notes import check_record_size, note_from_json
from hctap_core.reasons import QuarantineReason
from hctap_etl.packs import BATCH_METADATA, MAX_PACK_BYTES, judge_pack, refuse_pack
from hctap_stores.database import catalogue, packs
from hctap_stores.database.catalogue import CataloguedObject
from hctap_stores.database.connection import Database
from hctap_stores.lake.bucket import Bucket, FetchedObject
from hctap_stores.lake.keys import NOTES_PREFIX, PACKS_PREFIX, is_note_key, is_pack_key, note_key
from hctap_stores.listing import ListedObject

log = logging.getLogger(__name__)

Item = TypeVar("Item")
# A pack, and some of its records.
Judged = tuple[ListedObject, list[CataloguedObject]]
CATALOGUE_BUSY: Final = "Another process is reading the raw bucket."
CATALOGUE_SECONDS: Final = 600.0
# One transaction writes so many objects or so many bytes, whichever comes first.
BATCH_OBJECTS = 500
BATCH_BYTES = 8 * 1024 * 1024
# The records of packs are in memory already, and are judged so many batches before they are written.
PACKED_OBJECTS: Final = 1000
BATCHES_AHEAD: Final = 4


def update_catalogue(bucket: Bucket, database: Database, meter: Meter) -> int:
    """Bring the catalogue to what the bucket holds now, and say how many objects had to be read.

    Raises:
        StoreUnavailable: If lake or database do not answer; what was read by then is kept.
    """
    changed = catalogue.compare_listing(database, _list_notes(bucket))
    if changed:
        log.info("lake_read", extra={"bucket": bucket.name, "count": len(changed)})
    with meter.track("reading", len(changed)) as advance:

        def record(batch: list[CataloguedObject]) -> None:
            catalogue.record(database, batch)
            advance(len(batch))

        _write_beside(_batches(_judge_all(bucket, changed), BATCH_OBJECTS), record)
    return len(changed) + update_packs(bucket, database, meter)


def update_packs(bucket: Bucket, database: Database, meter: Meter) -> int:
    """Bring the catalogue to what the packs of the bucket hold now, and say how many of them had to be read.

    Raises:
        StoreUnavailable: If lake or database do not answer; what was read by then is kept.
    """
    changed = packs.compare_packs(database, list_packs(bucket))
    if changed:
        log.info("packs_read", extra={"bucket": bucket.name, "count": len(changed)})
    with (
        meter.track("reading", sum(item.bytes for item in changed), is_bytes=True) as advance,
        closing(_ahead(_judge_packs(bucket, changed))) as judged,
    ):
        for pack, batch in judged:
            packs.record_pack(database, pack, _rest_of_pack(batch, judged))
            advance(pack.bytes)
    return len(changed)


def list_packs(bucket: Bucket) -> Iterator[ListedObject]:
    """The packs of the bucket, by key."""
    return (item for item in bucket.list(PACKS_PREFIX) if is_pack_key(item.key))


def _judge_packs(bucket: Bucket, listed: Iterable[ListedObject]) -> Iterator[Judged]:
    """Each pack with its records, a batch at a time, of which the last one is empty."""
    for item in listed:
        if item.bytes > MAX_PACK_BYTES:
            # Not even read: it would have to lie in memory as a whole.
            detail = f"{item.bytes} bytes in one pack; {MAX_PACK_BYTES} are the most"
            pack, records = refuse_pack(item, QuarantineReason.TOO_LARGE, detail)
        else:
            pack, records = judge_pack(item, bucket.read(item.key))
        for batch in _batches(records, PACKED_OBJECTS):
            yield pack, batch
        yield pack, []


def _rest_of_pack(batch: list[CataloguedObject], judged: Iterator[Judged]) -> Iterator[list[CataloguedObject]]:
    while batch:
        yield batch
        _, batch = next(judged)


def _ahead(items: Iterator[Item]) -> Generator[Item]:
    """The items, of which the next few are made in a thread while one is used."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="hctap-reader")
    try:
        coming: deque[Future[Item | None]] = deque(pool.submit(next, items, None) for _ in range(BATCHES_AHEAD))
        while (item := coming.popleft().result()) is not None:
            coming.append(pool.submit(next, items, None))
            yield item
    finally:
        pool.shutdown(cancel_futures=True)


def _write_beside(items: Iterable[Item], write: Callable[[Item], None]) -> None:
    """Write items one after the other in a thread, while the next one is made; no more than two are held."""
    with ThreadPoolExecutor(1, thread_name_prefix="hctap-catalogue") as pool:
        writing: Future[None] | None = None
        for item in items:
            if writing is not None:
                writing.result()
            writing = pool.submit(write, item)
        if writing is not None:
            writing.result()


def _list_notes(bucket: Bucket) -> Iterator[ListedObject]:
    everything = chain(bucket.list(deep=False), bucket.list(NOTES_PREFIX))
    return (item for item in everything if is_note_key(item.key))


def _judge_all(bucket: Bucket, listed: Iterable[ListedObject]) -> Iterator[CataloguedObject]:
    readable = []
    for item in listed:
        try:
            check_record_size(item.bytes)
        except MalformedRecord as fault:
            # Not even read: a video under notes/ must not fill the memory.
            yield _faulty(item, fault)
        else:
            readable.append(item)
    fetched = bucket.read_all(item.key for item in readable)
    for item, found in zip(readable, fetched, strict=True):
        yield _judge(item, found)


def _judge(item: ListedObject, found: FetchedObject | None) -> CataloguedObject:
    if found is None:
        gone = MalformedRecord(QuarantineReason.CHANGED_DURING_RUN, "the object was deleted after it was listed")
        # No etag: the next run looks again.
        return _faulty(ListedObject(item.key, "", item.bytes), gone)
    read = ListedObject(item.key, found.etag, len(found.data))
    try:
        note = note_from_json(found.data)
    except MalformedRecord as fault:
        return _faulty(read, fault)
    return CataloguedObject(
        key=read.key,
        etag=read.etag,
        bytes=read.bytes,
        is_own_key=item.key == note_key(note.note_id),
        note=note,
        batch_id=found.metadata.get(BATCH_METADATA),
    )


def _faulty(item: ListedObject, fault: MalformedRecord) -> CataloguedObject:
    return CataloguedObject(
        item.key,
        item.etag,
        item.bytes,
        note_id=fault.note_id,
        reason=fault.reason,
        detail=fault.detail,
    )


def _batches(found: Iterable[CataloguedObject], most: int) -> Iterator[list[CataloguedObject]]:
    batch: list[CataloguedObject] = []
    size = 0
    for item in found:
        batch.append(item)
        size += item.bytes
        if len(batch) >= most or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
