import pytest

from hctap_stores.lake import keys


@pytest.mark.parametrize(
    ("note_id", "key"),
    [
        ("note_001", "notes/note_001.json"),
        ("a b", "notes/a%20b.json"),
        ("50%", "notes/50%25.json"),
        ("é", "notes/%C3%A9.json"),
        ("..x", "notes/..x.json"),
        ("a~b.c-d_e", "notes/a~b.c-d_e.json"),
        ("q?x=1&y#z+", "notes/q%3Fx%3D1%26y%23z%2B.json"),
    ],
)
def test_a_note_has_one_key(note_id: str, key: str) -> None:
    assert keys.note_key(note_id) == key
    assert keys.is_note_key(key)
    assert keys.is_plain_key(key)


@pytest.mark.parametrize(
    ("key", "is_note"),
    [
        ("note_001.json", True),  # HC-TAP's own place
        ("notes/a/b.json", True),  # no import writes it, but a run must answer for it
        ("notes/readme.txt", True),
        ("readme.txt", False),
        ("batches/b.json", False),
        ("quarantine/batch=b/000001.raw", False),
        ("notes/", False),
        ("notes/folder/", False),
    ],
)
def test_what_is_meant_as_a_note(key: str, is_note: bool) -> None:  # noqa: FBT001 - a column of the table
    assert keys.is_note_key(key) is is_note


@pytest.mark.parametrize("key", ["/a", "a//b", "a/./b", "a/../b", "a/", "a\x01", "a\n", "a\x7f", "a\u200b"])
def test_keys_with_surprises(key: str) -> None:
    assert not keys.is_plain_key(key)


def test_the_keys_of_a_run() -> None:
    assert keys.part_key("R", 7, "ab" * 32) == "entities/run=R/part-00007-abababababababab.jsonl"
    assert keys.manifest_key("R") == "runs/R/manifest.json"
    assert keys.batch_key("B") == "batches/B.json"
    assert keys.rejected_key("B", 3) == "quarantine/batch=B/000003.raw"
    assert keys.rejected_reason_key("B", 3) == "quarantine/batch=B/000003.reason.json"
    one, other = keys.quarantine_key("R", "notes/a.json"), keys.quarantine_key("R", "notes/b.json")
    assert one != other
    assert one.startswith("quarantine/run=R/")
    assert one.endswith(".json")
