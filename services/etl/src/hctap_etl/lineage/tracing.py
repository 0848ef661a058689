"""An entity followed back to the object it was read from, each step checked against what stands there now."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from hctap_core.errors import MalformedRecord, NoteNotFound
from hctap_core.notes import note_from_json, sha256_of
from hctap_stores.database import runs
from hctap_stores.database.connection import Database
from hctap_stores.database.trails import Trail, find_trail
from hctap_stores.lake.lake import Lake


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way; `is_true` says whether what stands there now bears it out, None if it cannot."""

    what: str
    facts: tuple[tuple[str, str], ...]
    is_true: bool | None = None


def trace(lake: Lake, database: Database, run_id: str, note_id: str, ordinal: int) -> list[Step]:
    """The way of an entity back: entity, note, object version, import, part, run.

    Raises:
        RunNotFound: If there is no such run.
        NoteNotFound: If the run has no such entity.
    """
    stored = runs.find_run(database, run_id)
    trail = find_trail(database, stored.run_no, note_id, ordinal)
    if trail is None:
        raise NoteNotFound(
            f"The run {stored.run.run_id} has no entity {ordinal} in the note {note_id!r}.",
            remedy="Entities of a note are counted from 0; `hctap-etl runs export` shows them.",
        )
    return [
        _entity(trail, ordinal),
        _note(trail),
        _object(lake, trail),
        _import(trail),
        *_part(lake, trail),
        _run(trail),
    ]


def _entity(trail: Trail, ordinal: int) -> Step:
    found = trail.provenance
    cues = [f"{cue['attribute']}: {cue['rule']} at {cue['begin']}-{cue['end']}" for cue in found["cues"]]
    facts = {
        "entity": f"{ordinal}, {trail.entity_type} {trail.text!r}",
        "offsets": f"{trail.begin}-{trail.end}, section {trail.section}",
        "made by": f"{found['extractor']} {found['version']}, {found['method']} {found['source']}",
        "assertion": "; ".join(cues) or "no cue",
    }
    return Step("entity", tuple(facts.items()), trail.note_text[trail.begin : trail.end] == trail.text)


def _note(trail: Trail) -> Step:
    facts = {"note": trail.note_id, "sha256": trail.content_sha256, "checksum": f"md5 {trail.checksum}"}
    if trail.duplicate_of and trail.duplicate_of != trail.note_id:
        facts["results of"] = f"{trail.duplicate_of}, which has the same text"
    if trail.raw_sha256 != trail.content_sha256:
        facts["surrogate of"] = trail.raw_sha256
    if trail.carried_from:
        facts["carried from"] = f"the run {trail.carried_from}, since neither text nor pipeline has changed"
    return Step("note", tuple(facts.items()), sha256_of(trail.note_text) == trail.content_sha256)


def _object(lake: Lake, trail: Trail) -> Step:
    key, etag = trail.pack_key or trail.object_key, trail.pack_etag or trail.etag
    version = lake.raw.find_version(key, etag)
    facts = {"object": f"s3://{lake.raw.name}/{key}", "etag": etag, "version": version or "gone from the bucket"}
    data = lake.raw.read_version(key, version) if version else None
    if trail.pack_offset is not None:
        facts["record"] = f"{trail.bytes} bytes at {trail.pack_offset}"
        data = data and data[trail.pack_offset : trail.pack_offset + trail.bytes]
    try:
        is_true = data is not None and note_from_json(data).content_sha256 == trail.raw_sha256
    except MalformedRecord:
        is_true = False
    return Step("object", tuple(facts.items()), is_true)


def _import(trail: Trail) -> Step:
    if trail.batch_id is None:
        return Step("import", (("batch", "none: the object was laid into the bucket by others"),))
    facts = {"batch": trail.batch_id, "source": trail.batch_name or "unknown", "at": _moment(trail.imported_at)}
    return Step("import", tuple(facts.items()), trail.batch_source is not None)


def _part(lake: Lake, trail: Trail) -> list[Step]:
    if trail.part_key is None:
        return []
    found = lake.enriched.read(trail.part_key)
    note_id = trail.duplicate_of or trail.note_id
    is_true = (
        found is not None
        and hashlib.sha256(found.data).hexdigest() == trail.part_sha256
        and any(_is_same(line, trail, note_id) for line in found.data.splitlines())
    )
    facts = {
        "part": f"s3://{lake.enriched.name}/{trail.part_key}",
        "sha256": trail.part_sha256 or "",
        "shard": f"{trail.shard}, attempt {trail.attempt}",
    }
    return [Step("part", tuple(facts.items()), is_true)]


def _is_same(line: bytes, trail: Trail, note_id: str) -> bool:
    record = json.loads(line)
    there = tuple(record[name] for name in ("note_id", "entity_type", "begin", "end"))
    return there == (note_id, trail.entity_type, trail.begin, trail.end)


def _run(trail: Trail) -> Step:
    pipeline = {name: str(value) for name, value in trail.pipeline.items() if value}
    facts = {
        "run": f"{trail.run_id}, {trail.status}, finished {_moment(trail.finished_at)}",
        "pipeline": trail.pipeline_hash,
    }
    return Step("run", (*facts.items(), *pipeline.items()))


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else "unknown"
