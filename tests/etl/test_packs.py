"""Notes in packs are worked on as notes that lie alone, down to the bytes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Outcome

from hctap_core.notes import MAX_RECORD_BYTES, note_from_record
from hctap_etl import packs
from hctap_etl.packs import split_lines
from hctap_stores.database.connection import Database
from hctap_stores.lake.lake import Lake

Hctap = Callable[..., Outcome]
TEXTS = {
    "a": "PLAN:\nDenies fever. Aspirin 81 mg daily.",
    "b b": "Chest pain.",
    "c": "Chest pain.",
    "d/e".replace("/", "%"): "Gout, on allopurinol.",
    "é": "No cough.",
}


def _write(path: Path, texts: dict[str, str]) -> Path:
    lines = [json.dumps({"note_id": note_id, "specialty": "Urology", "text": text}) for note_id, text in texts.items()]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _forget(database: Database, lake: Lake) -> None:
    with database.transaction() as connection:
        connection.execute("TRUNCATE runs, notes, note_texts, lake_objects, batches RESTART IDENTITY CASCADE")
    for item in list(lake.raw.list()):
        lake.raw.delete(item.key)


def _ledger(database: Database) -> list[tuple[Any, ...]]:
    query = "SELECT object_key, etag, bytes, note_id, content_sha256, state, duplicate_of, shard, entity_count, reason"
    with database.transaction() as connection:
        return connection.execute(f"{query} FROM run_notes ORDER BY run_no, object_key".encode()).fetchall()


def _packs(lake: Lake) -> Iterator[bytes]:
    for item in lake.raw.list("packs/"):
        found = lake.raw.read(item.key)
        assert found is not None
        yield found.data


def test_packed_notes_give_the_bytes_of_notes_that_lie_alone(
    hctap: Hctap, lake: Lake, database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = _write(folder / "notes.jsonl", TEXTS)
    assert hctap("import", source).code == 0
    assert hctap("run", "R", "--extractor", "rules").code == 0
    alone, ledger = hctap("runs", "export", "R").out, _ledger(database)
    parts = sorted((item.key, item.etag) for item in lake.enriched.list("entities/"))
    _forget(database, lake)
    monkeypatch.setattr(packs, "PACK_BYTES", 600)
    assert hctap("import", "--pack", source).code == 0
    assert [item.key for item in lake.raw.list("notes/")] == []
    assert len(list(_packs(lake))) > 1
    # The objects of the first run are there under the same id: other bytes would be a conflict.
    assert hctap("run", "R", "--extractor", "rules").code == 0
    assert (hctap("runs", "export", "R").out, _ledger(database)) == (alone, ledger)
    assert sorted((item.key, item.etag) for item in lake.enriched.list("entities/")) == parts


def test_what_is_packed_is_not_packed_again(hctap: Hctap, lake: Lake, database: Database, folder: Path) -> None:
    source = _write(folder / "notes.jsonl", TEXTS)
    hctap("import", "--pack", source)
    assert f"{len(TEXTS)}  in the lake already" in " ".join(hctap("import", "--pack", source).out.split(" "))
    assert hctap("import", source).code == 0
    assert len(list(_packs(lake))) == 1
    changed = _write(folder / "changed.jsonl", {"a": "Denies cough.", "new": "Asthma."})
    assert hctap("import", changed).code == 3
    assert hctap("import", "--replace", changed).code == 0
    assert [item.key for item in lake.raw.list("notes/")] == ["notes/new.json"]
    assert hctap("run", "R", "--extractor", "rules").code == 0
    with database.transaction() as connection:
        rows = connection.execute(
            "SELECT note_id, text, state FROM run_notes JOIN note_texts USING (content_sha256) ORDER BY note_id"
        ).fetchall()
    assert [row[:2] for row in rows] == sorted((TEXTS | {"a": "Denies cough.", "new": "Asthma."}).items())
    assert {row[2] for row in rows} == {"done", "duplicate"}


@pytest.mark.parametrize("pack", ["packs/mine.ndjson", "packs/29990101T000000Z-00000000-00000.ndjson"])
def test_a_note_of_a_pack_that_counts_before_ours_is_not_replaced_in_vain(
    hctap: Hctap, lake: Lake, folder: Path, pack: str
) -> None:
    note = note_from_record({"note_id": "a", "specialty": "Urology", "text": "Chest pain."})
    lake.raw.write(pack, note.to_json())
    outcome = hctap("import", "--replace", _write(folder / "notes.jsonl", {"a": "Gout."}))
    assert outcome.code == 3
    assert [item.key for item in lake.raw.list("packs/")] == [pack]
    reasons = [lake.raw.read(item.key) for item in lake.raw.list("quarantine/") if "reason" in item.key]
    assert [json.loads(found.data)["detail"].split()[0] for found in reasons if found] == [pack]
    assert hctap("import", _write(folder / "same.jsonl", {"a": "Chest pain."})).code == 0


def test_a_pack_that_sorts_before_ours_gives_way(hctap: Hctap, lake: Lake, folder: Path) -> None:
    note = note_from_record({"note_id": "a", "specialty": "Urology", "text": "Chest pain."})
    lake.raw.write("packs/0.ndjson", note.to_json())
    assert hctap("import", "--replace", _write(folder / "notes.jsonl", {"a": "Gout."})).code == 0
    assert hctap("run", "R", "--extractor", "rules").code == 0
    assert {json.loads(line)["text"] for line in hctap("runs", "export", "R").out.splitlines()} == {"Gout"}


def test_a_run_over_changed_packs_extracts_what_changed(hctap: Hctap, database: Database, folder: Path) -> None:
    hctap("import", "--pack", _write(folder / "notes.jsonl", TEXTS))
    hctap("run", "ONE", "--extractor", "rules")
    hctap("import", "--pack", "--replace", _write(folder / "more.jsonl", {"a": "Denies cough."}))
    assert hctap("run", "TWO", "--extractor", "rules", "--incremental").code == 0
    assert hctap("run", "FULL", "--extractor", "rules", "--new").code == 0
    with database.transaction() as connection:
        query = "SELECT note_id, state FROM run_notes WHERE run_no = 2 ORDER BY note_id"
        states = dict(connection.execute(query).fetchall())
    assert states == {"a": "done", "b b": "unchanged", "c": "duplicate", "d%e": "unchanged", "é": "unchanged"}
    two, full = (hctap("runs", "export", name).out.replace(name, "R") for name in ("TWO", "FULL"))
    assert two == full


def test_a_record_that_is_no_note_is_quarantined_alone(
    hctap: Hctap, lake: Lake, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = note_from_record({"note_id": "a", "specialty": "Urology", "text": "Fever"}).to_json()
    lines = [b"broken", b"", good, b'{"note_id":"b","specialty":"Urology","text":""}', b"x" * (MAX_RECORD_BYTES + 1)]
    lake.raw.write("packs/mine.ndjson", b"\n".join(lines))
    lake.raw.write("packs/large.jsonl", b"x" * 2048)
    lake.raw.write("packs/readme.txt", b"no pack")
    monkeypatch.setattr("hctap_etl.cataloguing.MAX_PACK_BYTES", sum(map(len, lines)) + len(lines))
    assert hctap("run", "R", "--extractor", "rules").code == 3
    rows = [json.loads(line) for line in hctap("runs", "quarantine", "R").out.splitlines()]
    found = {(row["key"], row["note_id"], row["reason"]) for row in rows}
    assert found == {
        ("packs/large.jsonl#000000000000", None, "not_json"),
        ("packs/mine.ndjson#000000000000", None, "not_json"),
        (f"packs/mine.ndjson#{len(b'broken') + 2 + len(good) + 1:012d}", "b", "empty_text"),
        (f"packs/mine.ndjson#{sum(map(len, lines[:4])) + 4:012d}", None, "too_large"),
    }
    broken = next(row["quarantine"] for row in rows if row["key"] == "packs/mine.ndjson#000000000000")
    kept = lake.enriched.read(broken.removesuffix(".json") + ".raw")
    assert kept is not None
    assert kept.data == b"broken"
    with database.transaction() as connection:
        query = "SELECT object_key FROM run_notes WHERE state = 'done'"
        assert connection.execute(query).fetchall() == [("notes/a.json",)]


def test_a_pack_that_is_too_large_is_not_read(hctap: Hctap, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hctap_etl.cataloguing.MAX_PACK_BYTES", 10)
    lake.raw.write("packs/large.ndjson", b"x" * 11)
    assert hctap("run", "R", "--extractor", "rules").code == 3
    (row,) = [json.loads(line) for line in hctap("runs", "quarantine", "R").out.splitlines()]
    assert (row["key"], row["reason"]) == ("packs/large.ndjson#000000000000", "too_large")
    monkeypatch.undo()


def test_a_note_alone_and_one_in_a_pack_have_their_own_rows(hctap: Hctap, lake: Lake, database: Database) -> None:
    def line(note_id: str, text: str) -> bytes:
        return note_from_record({"note_id": note_id, "specialty": "Urology", "text": text}).to_json()

    lake.raw.write("packs/1.ndjson", line("a", "Fever") + b"\n" + line("b", "Old") + b"\n" + line("c", "Gout"))
    lake.raw.write("packs/2.ndjson", line("b", "Cough"))
    lake.raw.write("notes/a.json", line("a", "Fever"))
    lake.raw.write("notes/c.json", b"somebody's")
    hctap("run", "R", "--extractor", "rules")
    with database.transaction() as connection:
        rows = connection.execute("SELECT object_key, note_id, state FROM run_notes ORDER BY 1").fetchall()
    alone = len(line("a", "Fever")) + 1 + len(line("b", "Old")) + 1
    assert rows == [
        ("notes/a.json", "a", "done"),
        ("notes/b.json", "b", "done"),
        ("notes/c.json", None, "quarantined"),
        ("packs/1.ndjson#000000000000", "a", "duplicate"),
        (f"packs/1.ndjson#{alone:012d}", "c", "done"),
    ]


def test_lineage_leads_into_the_pack(hctap: Hctap, lake: Lake, folder: Path) -> None:
    hctap("import", "--pack", _write(folder / "notes.jsonl", TEXTS))
    hctap("run", "R", "--extractor", "rules")
    said = hctap("lineage", "R/c/0")
    assert said.code == 0
    (pack,) = (item.key for item in lake.raw.list("packs/"))
    begin, line = next((begin, line) for begin, line in split_lines(next(_packs(lake))) if b'"c"' in line)
    assert f"s3://{lake.raw.name}/{pack}" in said.out
    assert f"{len(line)} bytes at {begin}" in said.out


def test_a_pack_that_goes_away_takes_its_notes_along(hctap: Hctap, lake: Lake, folder: Path) -> None:
    hctap("import", "--pack", _write(folder / "notes.jsonl", TEXTS))
    hctap("run", "ONE", "--extractor", "rules")
    (pack,) = (item.key for item in lake.raw.list("packs/"))
    lake.raw.delete(pack)
    assert hctap("run", "TWO", "--extractor", "rules", "--new").code == 0
    assert hctap("runs", "export", "TWO").out == ""


def test_lines_know_where_they_begin() -> None:
    data = b"ab\n\n\xc3\xa9\r\nlast"
    assert [(begin, data[begin : begin + len(line)]) for begin, line in split_lines(data)] == [
        (0, b"ab"), (3, b""), (4, b"\xc3\xa9\r"), (8, b"last"),
    ]  # fmt: skip
    assert list(split_lines(b"")) == []
