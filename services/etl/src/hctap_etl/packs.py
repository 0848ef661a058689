"""Packs: many notes in one object, one JSON line each, written by imports and read by runs."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from hctap_core.errors import MalformedRecord
from hctap_core.notes import note_from_json
from hctap_core.reasons import QuarantineReason
from hctap_stores.database.catalogue import CataloguedObject
from hctap_stores.lake.bucket import Bucket, FetchedObject
from hctap_stores.lake.keys import note_key, pack_key
from hctap_stores.listing import ListedObject

BATCH_METADATA: Final = "batch-id"
# Large enough that requests cost nothing, small enough for a few of them in memory.
PACK_BYTES: Final = 16 * 1024 * 1024
MAX_PACK_BYTES: Final = 64 * 1024 * 1024


class Packer:
    """Writes the packs of an import; a note is in the lake when its pack is full, or flushed."""

    def __init__(self, bucket: Bucket, batch_id: str) -> None:
        self._bucket = bucket
        self._batch_id = batch_id
        self._waiting: list[bytes] = []
        self._bytes = 0
        self._packs = 0

    def add(self, data: bytes) -> None:
        """Add a note as one line of JSON.

        Raises:
            StoreUnavailable: If the lake does not answer.
        """
        self._waiting.append(data)
        self._bytes += len(data) + 1
        if self._bytes >= PACK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting.

        Raises:
            StoreUnavailable: If the lake does not answer.
        """
        if not self._waiting:
            return
        key = pack_key(self._batch_id, self._packs)
        self._bucket.write(key, join_lines(self._waiting), pack_metadata(self._batch_id))
        self._packs += 1
        self._waiting, self._bytes = [], 0


def join_lines(notes: Iterable[bytes]) -> bytes:
    """Notes, as JSON without line ends, as the bytes of a pack."""
    return b"".join([line + b"\n" for line in notes])


def pack_metadata(batch_id: str | None) -> dict[str, str]:
    """What is said of a pack beside its bytes."""
    return {"Content-Type": "application/x-ndjson"} | ({BATCH_METADATA: batch_id} if batch_id else {})


def judge_pack(listed: ListedObject, found: FetchedObject | None) -> tuple[ListedObject, Iterable[CataloguedObject]]:
    """A pack as it was read, and what its records hold, each judged when it is asked for.

    One that cannot be read is a record that is no note.
    """
    if found is None:
        detail = "the pack was deleted after it was listed"
        # No etag: the next run looks again.
        return refuse_pack(ListedObject(listed.key, "", listed.bytes), QuarantineReason.CHANGED_DURING_RUN, detail)
    pack = ListedObject(found.key, found.etag, len(found.data))
    batch_id = found.metadata.get(BATCH_METADATA)
    lines = ((offset, line) for offset, line in split_lines(found.data) if line.strip())
    return pack, (_judge(pack.key, offset, line, batch_id) for offset, line in lines)


def refuse_pack(
    listed: ListedObject, reason: QuarantineReason, detail: str
) -> tuple[ListedObject, Iterable[CataloguedObject]]:
    """A pack that is not read, as one record that is no note."""
    key = _record_key(listed.key, 0)
    return listed, [CataloguedObject(key, "", listed.bytes, reason=reason, detail=detail, pack_offset=0)]


def split_lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of a pack without their ends, each with its offset."""
    begin = 0
    while begin < len(data):
        end = data.find(b"\n", begin)
        end = len(data) if end < 0 else end
        yield begin, data[begin:end]
        begin = end + 1


def _judge(pack: str, offset: int, line: bytes, batch_id: str | None) -> CataloguedObject:
    # The hash that the object's etag would be if the note lay alone.
    md5 = hashlib.md5(line, usedforsecurity=False).hexdigest()
    place: Callable[..., CataloguedObject] = lambda **more: CataloguedObject(  # noqa: E731
        _record_key(pack, offset), md5, len(line), pack_offset=offset, **more
    )
    try:
        note = note_from_json(line)
    except MalformedRecord as fault:
        return place(note_id=fault.note_id, reason=fault.reason, detail=fault.detail)
    return place(is_own_key=True, note=note, batch_id=batch_id, own_key=note_key(note.note_id))


def _record_key(pack: str, offset: int) -> str:
    return f"{pack}#{offset:012d}"
