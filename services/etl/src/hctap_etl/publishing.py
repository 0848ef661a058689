"""The end of a run: quarantine and manifest into the lake, once the ledger is complete."""

import json
import logging
from collections.abc import Callable
from typing import Final

from hctap_core.notes import MAX_RECORD_BYTES
from hctap_core.reasons import REASON_HELP, QuarantineReason
from hctap_core.runs import Manifest, Part
from hctap_etl.products.producing import find_products, make_products
from hctap_stores.database import comparisons, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.runs import QuarantinedNote, StoredRun
from hctap_stores.lake.bucket import Bucket, map_in_threads
from hctap_stores.lake.keys import quarantine_key
from hctap_stores.lake.lake import Lake

log = logging.getLogger(__name__)

QUARANTINE_SCHEMA_VERSION: Final = 1
# One for all runs: which one is the latest must still be so when it is written.
_LOCK: Final = "hctap-publish"
_BUSY: Final = "Another process publishes a run."
# Two small objects, with the lake's own patience for each.
_PATIENCE_SECONDS: Final = 120.0


def write_quarantine(lake: Lake, database: Database, stored: StoredRun) -> None:
    """Lay every note in quarantine into the enriched bucket: its reason, and its bytes beside it."""
    run_id = stored.run.run_id

    def lay(item: QuarantinedNote) -> None:
        key = quarantine_key(run_id, item.object_key)
        # Bytes that have changed since they were judged are not those of the reason.
        raw = _read_judged(lake.raw, item)
        if raw is not None:
            lake.enriched.write(key.removesuffix(".json") + ".raw", raw)
        record = {
            "schema_version": QUARANTINE_SCHEMA_VERSION,
            "run_id": run_id,
            "bucket": lake.raw.name,
            "key": item.object_key,
            "note_id": item.note_id,
            "reason": item.reason,
            "detail": item.detail,
            "remedy": REASON_HELP[QuarantineReason(item.reason)],
            "bytes_kept": raw is not None,
        }
        data = json.dumps(record, ensure_ascii=False, sort_keys=True, indent=2).encode() + b"\n"
        lake.enriched.write(key, data, {"Content-Type": "application/json"})

    for _ in map_in_threads(lay, runs.list_quarantine(database, stored.run_no)):
        pass


def _read_judged(bucket: Bucket, item: QuarantinedNote) -> bytes | None:
    # Of a note that was deleted nothing is kept.
    if item.bytes > MAX_RECORD_BYTES or not item.etag or item.reason == QuarantineReason.DELETED:
        return None
    if item.pack_key is not None:
        return bucket.read_range(item.pack_key, item.pack_etag or "", item.pack_offset or 0, item.bytes)
    found = bucket.read(item.object_key, etag=item.etag)
    return None if found is None else found.data


def publish(
    lake: Lake, database: Database, stored: StoredRun, ahead: Callable[[], list[Part]] | None = None
) -> Manifest:
    """Write the data products and the manifest of a finished run, make it the latest if it is, and note that.

    `ahead` gives the products where somebody writes them already.

    Raises:
        RunConflict: If other processes publish runs for two minutes; given again, it goes on.
    """
    run_id = stored.run.run_id
    products = find_products(lake, run_id) or make_products(lake, database, stored, ahead)
    with database.lock(_LOCK, busy=_BUSY, patience_seconds=_PATIENCE_SECONDS):
        # Who had the lock before may have evaluated the run, or counted it anew without a note that was deleted.
        products = find_products(lake, run_id) or products
        manifest = manifest_of(database, runs.find_run(database, run_id), products)
        is_latest = runs.find_run(database, "latest").run_no == stored.run_no
        lake.publish(manifest, is_latest=is_latest)
        runs.mark_published(database, stored.run_no)
    comparisons.order_newest(database)
    log.info(
        "run_published",
        extra={"run_id": manifest.run_id, "status": manifest.status.value, "notes": manifest.note_count},
    )
    return manifest


def manifest_of(database: Database, stored: StoredRun, products: tuple[Part, ...]) -> Manifest:
    """The manifest of a finished run."""
    run = stored.run
    if run.started_at is None or run.finished_at is None:
        raise ValueError(f"run {run.run_id} is not finished")
    counts = run.counts
    quarantined = runs.list_quarantine(database, stored.run_no)
    return Manifest(
        run_id=run.run_id,
        status=run.status,
        extractor=run.pipeline.extractor,
        ts=run.finished_at,
        ts_started=run.started_at,
        ts_finished=run.finished_at,
        note_count=counts.notes,
        entity_count=counts.entities,
        error_rate=counts.quarantined / counts.notes if counts.notes else 0.0,
        errors=counts.quarantined,
        duration_ms_p50=run.duration_ms_p50,
        duration_ms_p95=run.duration_ms_p95,
        counts=counts,
        pipeline=run.pipeline,
        pipeline_hash=run.pipeline_hash,
        parts=tuple(runs.list_parts(database, stored.run_no)),
        products=products,
        quarantine=tuple(sorted(quarantine_key(run.run_id, item.object_key) for item in quarantined)),
        evaluation=run.evaluation,
    )
