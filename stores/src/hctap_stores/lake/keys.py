"""Where everything lies in the two buckets: the one place that spells object keys."""

import hashlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

NOTES_PREFIX: Final = "notes/"
PACKS_PREFIX: Final = "packs/"
PARTS_PREFIX: Final = "entities/run="
DELETIONS_PREFIX: Final = "deletions/"
REJECTED_PREFIX: Final = "quarantine/batch="
# Stands in the raw bucket of a service that forgets, for as long as it has not.
MARK_KEY: Final = "remembered"
LATEST_KEY: Final = "runs/latest.json"
# S3's own limit, in bytes of UTF-8.
MAX_KEY_BYTES: Final = 1024


def note_key(note_id: str) -> str:
    """Raw bucket: the object that an import writes for a note."""
    return f"{NOTES_PREFIX}{quote(note_id, safe='')}.json"


def pack_key(batch_id: str, number: int) -> str:
    """Raw bucket: one of the packs that an import writes, notes as JSON Lines; of two, the later sorts last."""
    return f"{PACKS_PREFIX}{batch_id}-{number:05d}.ndjson"


def is_pack_key(key: str) -> bool:
    """Whether an object of the raw bucket is meant as a pack of notes."""
    return key.startswith(PACKS_PREFIX) and key.endswith((".ndjson", ".jsonl"))


def batch_key(batch_id: str) -> str:
    """Raw bucket: the record of an import."""
    return f"batches/{batch_id}.json"


def rejected_key(batch_id: str, number: int) -> str:
    """Raw bucket: the bytes of a record that could not become a note; its reason is beside it."""
    return f"{REJECTED_PREFIX}{batch_id}/{number:06d}.raw"


def rejected_reason_key(batch_id: str, number: int) -> str:
    """Raw bucket: why a record could not become a note."""
    return f"{REJECTED_PREFIX}{batch_id}/{number:06d}.reason.json"


def part_key(run_id: str, shard: int, sha256: str) -> str:
    """Enriched bucket: the entities of one shard of a run, named by their content."""
    return f"{PARTS_PREFIX}{run_id}/part-{shard:05d}-{sha256[:16]}.jsonl"


def surrogate_key(raw_sha256: str, content_sha256: str) -> str:
    """Enriched bucket: the text that was read in place of a raw text, and the way from one to the other."""
    return f"surrogates/{raw_sha256}/{content_sha256[:16]}.json"


def quarantine_key(run_id: str, object_key: str) -> str:
    """Enriched bucket: why a note of a run is in quarantine; `.json` becomes `.raw` for the note's bytes."""
    return f"quarantine/run={run_id}/{hashlib.sha256(object_key.encode()).hexdigest()[:32]}.json"


def product_key(prefix: str, partitions: Mapping[str, str], number: int, sha256: str, ending: str) -> str:
    """Enriched bucket: one object of a data product, named by its partitions, its number and its content."""
    folders = "".join(f"{name}={value}/" for name, value in partitions.items())
    return f"{prefix}/{folders}part-{number:05d}-{sha256[:16]}.{ending}"


def products_key(run_id: str) -> str:
    """Enriched bucket: the data products of a finished run, as its manifest names them."""
    return f"runs/{run_id}/products.json"


def lineage_key(job: str, lineage_id: str, kind: str, sha256: str) -> str:
    """Enriched bucket: an OpenLineage event."""
    return f"lineage/{job}/{lineage_id}/{kind}-{sha256[:16]}.json"


def export_key(export_no: int, run_id: str, form: str, name: str) -> str:
    """Enriched bucket: a file of an export that a worker wrote."""
    return f"exports/{export_no:06d}/run={run_id}/{form}/{name}"


def upload_key(sha256: str, ending: str) -> str:
    """Raw bucket: the original of a note that came through the API, named by its content."""
    return f"uploads/{sha256}.{ending}"


def tombstone_key(note_id: str) -> str:
    """Enriched bucket: what is left of a deleted note."""
    return f"{DELETIONS_PREFIX}{quote(note_id, safe='')}.json"


def manifest_key(run_id: str) -> str:
    """Enriched bucket: what a finished run left."""
    return f"runs/{run_id}/manifest.json"


def is_note_key(key: str) -> bool:
    """Whether an object of the raw bucket is meant as a note: all under `notes/`, and HC-TAP's JSON at the root."""
    if key.endswith("/"):
        return False  # what consoles leave behind as a folder
    return key.startswith(NOTES_PREFIX) or ("/" not in key and key.endswith(".json"))


def is_plain_key(key: str) -> bool:
    """Whether a key is a path without surprises: no empty part, no dots alone, no control characters."""
    parts = key.split("/")
    return all(part not in {"", ".", ".."} for part in parts) and key.isprintable()
