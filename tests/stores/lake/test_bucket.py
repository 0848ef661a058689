import hashlib
import threading

import pytest

from hctap_core.errors import RunConflict
from hctap_stores.lake.bucket import Bucket, map_in_threads

ODD_KEYS = [
    "notes/a b.json",
    "notes/a%2Fb.json",
    "notes/a/b.json",
    "notes/bad\x01.json",
    "notes/line\n.json",
    "notes/ü 😀.json",
    "notes//double.json",
    "notes/./dot.json",
    "notes/../up.json",
    "notes/dir/",
    "notes/q?x=1&y+#z.json",
    "/lead.json",
]


def _put(bucket: Bucket, key: str, data: bytes = b"x") -> None:
    bucket._client().put_object(Bucket=bucket.name, Key=key, Body=data, Metadata={"batch-id": "b"})


def test_every_key_is_listed_and_read(bucket: Bucket) -> None:
    for key in ODD_KEYS:
        _put(bucket, key, key.encode())
    listed = list(bucket.list())
    assert [item.key for item in listed] == sorted(ODD_KEYS)
    for item, found in zip(listed, bucket.read_all(item.key for item in listed), strict=True):
        assert found
        assert (found.key, found.data, found.etag) == (item.key, item.key.encode(), item.etag)
        assert (found.metadata["batch-id"], len(found.data)) == ("b", item.bytes)


def test_lists_are_deep_or_not(bucket: Bucket) -> None:
    for key in ("a.json", "notes/b.json", "notes/c/d.json"):
        _put(bucket, key)
    assert [item.key for item in bucket.list("notes/")] == ["notes/b.json", "notes/c/d.json"]
    assert [item.key for item in bucket.list(deep=False)] == ["a.json"]
    assert list(bucket.list("nothing/")) == []


def test_lists_go_on_after_a_page(bucket: Bucket) -> None:
    list(map_in_threads(lambda place: bucket.write(f"notes/{place:04}", b""), range(1005)))
    assert [item.key for item in bucket.list()] == [f"notes/{place:04}" for place in range(1005)]


def test_the_etag_is_the_md5_of_the_bytes(bucket: Bucket) -> None:
    data = bytes(range(256)) * 40_000
    bucket.write("big", data, {"Content-Type": "application/json", "batch-id": "b7"})
    (item,) = bucket.list()
    assert (item.etag, item.bytes) == (hashlib.md5(data, usedforsecurity=False).hexdigest(), len(data))
    found = bucket.read("big")
    assert found
    assert (found.data == data, found.metadata["batch-id"]) == (True, "b7")


@pytest.mark.parametrize("key", ["plain.json", "odd\x01.json"])
def test_an_object_is_read_at_an_etag_or_not_at_all(bucket: Bucket, key: str) -> None:
    assert bucket.read(key) is None
    _put(bucket, key, b"one")
    (item,) = bucket.list()
    assert bucket.read(key, etag=item.etag) == bucket.read(key)
    _put(bucket, key, b"two")
    assert bucket.read(key, etag=item.etag) is None
    found = bucket.read(key)
    assert found
    assert found.data == b"two"


@pytest.mark.parametrize("key", ["packs/plain.ndjson", "packs//odd.ndjson"])
def test_a_range_is_read_at_an_etag_or_not_at_all(bucket: Bucket, key: str) -> None:
    _put(bucket, key, b"one\ntwo\n")
    (item,) = bucket.list()
    assert bucket.read_range(key, item.etag, 4, 3) == b"two"
    _put(bucket, key, b"on")
    assert bucket.read_range(key, item.etag, 4, 3) is None
    bucket.erase(key)
    assert bucket.read_range(key, item.etag, 4, 3) is None


def test_of_two_who_create_an_object_one_does(bucket: Bucket) -> None:
    made = list(map_in_threads(lambda place: bucket.create("k", str(place).encode()), range(20)))
    assert made.count(True) == 1
    found = bucket.read("k")
    assert found
    assert found.data == str(made.index(True)).encode()


def test_an_object_is_settled_once_and_never_changed(bucket: Bucket) -> None:
    bucket.settle("k", b"one")
    bucket.settle("k", b"one")
    with pytest.raises(RunConflict, match=r"k in .* holds something else"):
        bucket.settle("k", b"two")
    found = bucket.read("k")
    assert found
    assert found.data == b"one"


def test_work_in_threads_keeps_the_order() -> None:
    assert list(map_in_threads(lambda x: x * x, range(500))) == [x * x for x in range(500)]


def test_work_in_threads_ends_with_the_first_error() -> None:
    done: list[int] = []

    def work(item: int) -> int:
        if item == 50:
            raise KeyError(item)
        done.append(item)
        return item

    with pytest.raises(KeyError):
        list(map_in_threads(work, range(10_000)))
    assert len(done) < 1_000
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("hctap-lake")]
