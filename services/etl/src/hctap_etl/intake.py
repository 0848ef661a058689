"""An import: records into the lake, each note under its own key, what is no note into quarantine."""

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from hctap_core.errors import MalformedRecord, NoteRefused
from hctap_core.notes import Note, note_from_json
from hctap_core.phi import PhiPolicy
from hctap_core.reasons import QuarantineReason
from hctap_core.sources.records import SourceRecord
from hctap_etl.packs import BATCH_METADATA, Packer
from hctap_etl.tallies import Fate, IntakeCounts
from hctap_nlp.phi.finding import count_kinds, load_finder
from hctap_stores.database.batches import Batch
from hctap_stores.database.packs import PackedNote
from hctap_stores.lake.bucket import Bucket, map_in_threads
from hctap_stores.lake.keys import (
    NOTES_PREFIX,
    PACKS_PREFIX,
    batch_key,
    note_key,
    pack_key,
    rejected_key,
    rejected_reason_key,
)

log = logging.getLogger(__name__)

BATCH_SCHEMA_VERSION: Final = 1
# The part of a batch id that is its time.
_SECOND: Final = len("20260102T030405Z")


@dataclass(frozen=True, slots=True)
class IntakeOptions:
    """What an import says of its notes, and whether it may change the text of notes that the lake has.

    `phi`: with `quarantine` a note that identifies persons is not let in; with the others they are counted, but `off`.
    Where `is_packed`, notes that the lake does not have go into packs.
    """

    source: str
    source_name: str | None = None
    data_class: str | None = None
    may_replace: bool = False
    phi: PhiPolicy = PhiPolicy.OFF
    is_packed: bool = False


@dataclass(frozen=True, slots=True)
class _Task:
    """One record and what is left to do for it: nothing, a first write, a look at what is there, or quarantine."""

    number: int
    record: SourceRecord
    key: str = ""
    data: bytes = b""
    is_new: bool = False
    fate: Fate | None = None
    fault: MalformedRecord | None = None


def new_batch_id(now: datetime) -> str:
    """A batch id that sorts by time and is nobody else's."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def _begin(bucket: Bucket) -> tuple[datetime, str]:
    """When an import begins, and its id, whose packs sort last: of two records of a note, the last one counts."""
    # Ids have the time in seconds.
    while any(bucket.list(PACKS_PREFIX + (batch_id := new_batch_id(now := datetime.now(UTC)))[:_SECOND])):
        time.sleep(0.1)
    return now, batch_id


class Intake:
    """One import into the raw bucket; `packed` are the notes that its packs hold, by id.

    `deleted` are the ids of notes that were deleted: they are not let in, and nothing of them is kept.
    """

    def __init__(
        self,
        bucket: Bucket,
        options: IntakeOptions,
        packed: Mapping[str, PackedNote] | None = None,
        deleted: Collection[str] = (),
    ) -> None:
        self._bucket = bucket
        self._options = options
        self._packed = packed or {}
        self._deleted = deleted
        self._started_at, self.batch_id = _begin(bucket)
        self._packer = Packer(bucket, self.batch_id)
        self.counts = IntakeCounts()
        # The etag of an object is the md5 of its bytes, so one listing tells which notes need no write at all.
        # Under other keys of encryption it is not, and each note is compared with what is there.
        self._there = {item.key: item.etag for item in bucket.list(NOTES_PREFIX)}
        self._seen: dict[str, str] = {}
        self._texts: set[bytes] = set()

    def take(self, records: Iterable[SourceRecord], advance: Callable[[int], None]) -> Batch:
        """Bring the records into the lake and leave a record of the batch there.

        Raises:
            StoreUnavailable: If the lake does not answer; given again, the import continues.
        """
        for task, (fate, fault) in map_in_threads(self._settle, self._plan(records)):
            self.counts.by_fate[fate] += 1
            if fault is not None:
                self.counts.by_reason[fault.reason] += 1
                log.warning(
                    "record_quarantined",
                    extra={"batch_id": self.batch_id, "note_id": fault.note_id, "reason": fault.reason.value},
                )
            advance(len(task.record.data))
        return self._finish()

    def _plan(self, records: Iterable[SourceRecord]) -> Iterator[_Task]:
        # Here, one after the other: what an earlier record of the same import has claimed must be known.
        for number, record in enumerate(records, start=1):
            self.counts.read += 1
            yield self._plan_one(number, record)

    def _plan_one(self, number: int, record: SourceRecord) -> _Task:
        if record.note is None:
            return _Task(number, record, fault=record.fault)
        note = self._label(record.note)
        fault = self._guard(note)
        self._count_text(note)
        if fault is not None:
            return _Task(number, record, fault=fault)
        key, data = note_key(note.note_id), note.to_json()
        etag = hashlib.md5(data, usedforsecurity=False).hexdigest()
        if (earlier := self._seen.get(key)) is not None:
            if earlier == etag:
                return _Task(number, record, fate=Fate.UNCHANGED)
            return _Task(number, record, fault=_duplicate_id(note.note_id, "the same import"))
        self._seen[key] = etag
        packed = self._packed.get(note.note_id)
        there = self._there.get(key)
        if packed is not None or (there is None and self._options.is_packed):
            return self._pack(_Task(number, record, key, data), note, packed, etag)
        fate = Fate.UNCHANGED if there == etag else None
        return _Task(number, record, key, data, is_new=there is None, fate=fate)

    def _pack(self, task: _Task, note: Note, packed: PackedNote | None, md5: str) -> _Task:
        """Put a note into a pack, unless the packs have it; a note that is packed already stays so."""
        if packed is not None and packed.md5.hex() == md5:
            return replace(task, data=b"", fate=Fate.UNCHANGED)
        is_other = packed is not None and packed.content_sha256.hex() != note.content_sha256
        if is_other and not self._options.may_replace:
            return replace(task, data=b"", fault=_duplicate_id(note.note_id, "the lake"))
        if packed is not None and packed.pack > pack_key(self.batch_id, 0):
            # Named by others, or by a clock that is ahead: no run would see what is written here.
            detail = f"{packed.pack} counts before what an import writes now; change the note there"
            fault = MalformedRecord(QuarantineReason.DUPLICATE_ID, detail, note_id=note.note_id)
            return replace(task, data=b"", fault=fault)
        self._packer.add(task.data)
        return replace(task, data=b"", fate=Fate.NEW if packed is None else Fate.REPLACED)

    def _label(self, note: Note) -> Note:
        labels = {"source": self._options.source_name, "data_class": self._options.data_class}
        missing = {name: value for name, value in labels.items() if value and getattr(note, name) is None}
        return note.model_copy(update=missing) if missing else note

    def _guard(self, note: Note) -> MalformedRecord | None:
        if note.note_id in self._deleted:
            return MalformedRecord(QuarantineReason.DELETED, "a note of this id was deleted", note_id=note.note_id)
        if self._options.phi is PhiPolicy.OFF:
            return None
        counts = count_kinds(load_finder().find(note.text))
        if counts and bytes.fromhex(note.content_sha256) not in self._texts:
            self.counts.phi.update(counts)
            self.counts.phi_notes += 1
        if counts and self._options.phi is PhiPolicy.QUARANTINE:
            refusal = NoteRefused(QuarantineReason.PHI, counts=counts)
            return MalformedRecord(refusal.reason, refusal.detail, note_id=note.note_id)
        return None

    def _count_text(self, note: Note) -> None:
        digest = bytes.fromhex(note.content_sha256)
        self.counts.duplicate_texts += digest in self._texts
        self._texts.add(digest)

    def _settle(self, task: _Task) -> tuple[_Task, tuple[Fate, MalformedRecord | None]]:
        if task.fate is not None:
            return task, (task.fate, None)
        fault = task.fault
        if fault is None:
            try:
                return task, (self._write(task), None)
            except MalformedRecord as found:
                fault = found
        self._reject(task, fault)
        return task, (Fate.QUARANTINED, fault)

    def _write(self, task: _Task) -> Fate:
        metadata = {"Content-Type": "application/json", BATCH_METADATA: self.batch_id}
        if task.is_new and self._bucket.create(task.key, task.data, metadata):
            return Fate.NEW
        there = self._bucket.read(task.key)
        if there is not None and there.data == task.data:
            return Fate.UNCHANGED
        note = task.record.note
        if there is not None and note is not None and not self._options.may_replace:
            _check_text_is_kept(there.data, note)
        self._bucket.write(task.key, task.data, metadata)
        return Fate.REPLACED

    def _reject(self, task: _Task, fault: MalformedRecord) -> None:
        is_kept = fault.note_id not in self._deleted
        record = {
            "schema_version": BATCH_SCHEMA_VERSION,
            "batch_id": self.batch_id,
            "origin": task.record.origin,
            "note_id": fault.note_id,
            "reason": fault.reason.value,
            "detail": fault.detail,
            "bytes_kept": len(task.record.data) if is_kept else 0,
        }
        if is_kept:
            self._bucket.write(rejected_key(self.batch_id, task.number), task.record.data)
        reason = json.dumps(record, ensure_ascii=False, sort_keys=True, indent=2).encode()
        self._bucket.write(
            rejected_reason_key(self.batch_id, task.number),
            reason,
            {"Content-Type": "application/json"},
        )

    def _finish(self) -> Batch:
        self._packer.flush()
        options = self._options
        batch = Batch(
            batch_id=self.batch_id,
            source=options.source,
            source_name=options.source_name or options.source,
            started_at=self._started_at,
            finished_at=datetime.now(UTC),
            counts=self.counts.to_record(),
        )
        self._bucket.write(batch_key(batch.batch_id), render_batch(batch), {"Content-Type": "application/json"})
        return batch


def render_batch(batch: Batch) -> bytes:
    """The record of an import as it stands in the lake."""
    record = {
        "schema_version": BATCH_SCHEMA_VERSION,
        "batch_id": batch.batch_id,
        "source": batch.source,
        "source_name": batch.source_name,
        "started_at": batch.started_at.isoformat(),
        "finished_at": batch.finished_at.isoformat(),
        "counts": batch.counts,
    }
    return json.dumps(record, ensure_ascii=False, sort_keys=True, indent=2).encode()


def _duplicate_id(note_id: str, place: str) -> MalformedRecord:
    detail = f"{place} has another text under this note_id"
    return MalformedRecord(QuarantineReason.DUPLICATE_ID, detail, note_id=note_id)


def _check_text_is_kept(data: bytes, note: Note) -> None:
    try:
        there = note_from_json(data)
    except MalformedRecord:
        raise _duplicate_id(note.note_id, "the lake") from None
    if there.content_sha256 != note.content_sha256:
        raise _duplicate_id(note.note_id, "the lake")
