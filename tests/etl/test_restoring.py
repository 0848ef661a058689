"""A lake that forgets what the database remembers: LocalStack, which keeps nothing when it is started again."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.command_line import Outcome

from hctap_cli.progress import Meter
from hctap_core.errors import StoreUnavailable
from hctap_etl.remembering import remember
from hctap_etl.restoring import Kind, compare, restore
from hctap_stores.database.connection import Database
from hctap_stores.lake.bucket import Bucket
from hctap_stores.lake.lake import Lake

pytestmark = pytest.mark.stack
Call = Callable[..., Outcome]


def contents(bucket: Bucket) -> dict[str, bytes]:
    """All objects of a bucket."""
    return {item.key: found.data for item in bucket.list() if (found := bucket.read(item.key))}


def forget(lake: Lake) -> None:
    """Lose everything, as an emulator that is started again."""
    client = lake._client
    for name in (lake.raw.name, lake.enriched.name):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
            for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                client.delete_object(Bucket=name, Key=item["Key"], VersionId=item["VersionId"])
        client.delete_bucket(Bucket=name)


@pytest.fixture
def forgetful(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """The test's lake, as the settings of a stack with LocalStack give it."""
    monkeypatch.setenv("HCTAP_LAKE_FORGETS", "1")
    return Lake(replace(lake.address, forgets=True))


@pytest.fixture
def notes(folder: Path) -> Path:
    source = folder / "notes"
    source.mkdir()
    texts = {"a": "Fever and cough.", "b": "Denies chest pain. Aspirin 81 mg daily.", "c": "Fever and cough."}
    for name, text in texts.items():
        (source / f"{name}.txt").write_text(text)
    return source


def without_events(objects: Mapping[str, bytes]) -> dict[str, bytes]:
    """What is kept in the lake alone: lineage, and the mark of a service that forgets."""
    return {key: data for key, data in objects.items() if not key.startswith("lineage/") and key != "remembered"}


def test_a_forgotten_lake_is_written_back_to_the_same_bytes(hctap: Call, notes: Path, forgetful: Lake) -> None:
    assert hctap("import", notes).code == 0
    assert hctap("run", "--extractor", "rules", "--run-id", "ONE").code == 0
    (notes / "d.txt").write_text("Metformin 500 mg bid. Type 2 diabetes.")
    assert hctap("import", notes).code == 0
    assert hctap("run", "--extractor", "rules", "--run-id", "TWO", "--incremental").code == 0
    raw, enriched = contents(forgetful.raw), contents(forgetful.enriched)
    assert hctap("lake", "check").code == 0
    forget(forgetful)
    checked = hctap("lake", "check")
    assert (checked.code, "4 × note" in checked.out, "lake restore" in checked.out) == (3, True, True)
    restored = hctap("lake", "restore")
    assert (restored.code, "Written back: 4 × note" in restored.out, "Gone" in restored.out) == (0, True, False)
    assert contents(forgetful.raw) == raw
    assert without_events(contents(forgetful.enriched)) == without_events(enriched)
    assert hctap("lake", "check").code == 0
    again = hctap("lake", "restore")
    assert (again.code, "Nothing is missing" in again.out) == (0, True)


def test_a_note_that_no_run_has_read_yet_survives(hctap: Call, notes: Path, forgetful: Lake) -> None:
    assert hctap("import", notes).code == 0
    before = contents(forgetful.raw)
    forget(forgetful)
    # No `lake restore` here: the next command that reads the lake sees that it has forgotten.
    run = hctap("run", "--extractor", "rules", "--run-id", "ONE")
    assert (run.code, "3, each answered for" in run.out) == (0, True)
    assert contents(forgetful.raw) == before


def test_what_is_kept_in_the_lake_alone_is_named_as_gone(
    hctap: Call, notes: Path, forgetful: Lake, database: Database
) -> None:
    (notes / "bad.txt").write_bytes(b"caf\xe9")
    assert hctap("import", notes).code == 3
    forgetful.raw.write("notes/bad.json", b"bad")
    assert hctap("run", "--extractor", "rules", "--run-id", "ONE").code == 3
    forget(forgetful)
    restored = hctap("lake", "restore")
    assert "notes/bad.json: only the reason is known: not_json" in restored.out
    found = compare(forgetful, database)
    assert [(item.kind, item.key) for item in found.missing] == [(Kind.REFUSED, "notes/bad.json")]
    (reason,) = [data for key, data in contents(forgetful.enriched).items() if key.startswith("quarantine/run=ONE/")]
    assert json.loads(reason)["bytes_kept"] is False


def test_a_note_that_came_meanwhile_is_not_written_over(
    hctap: Call, notes: Path, forgetful: Lake, database: Database, meter: Meter
) -> None:
    assert hctap("import", notes).code == 0
    forget(forgetful)
    forgetful.prepare()
    forgetful.raw.write("notes/a.json", b"{}")
    restore(forgetful, database, meter)
    found = forgetful.raw.read("notes/a.json")
    assert found
    assert found.data == b"{}"


def test_a_part_whose_bytes_cannot_be_made_again_is_gone(
    hctap: Call, notes: Path, forgetful: Lake, database: Database, meter: Meter
) -> None:
    assert hctap("import", notes).code == 0
    assert hctap("run", "--extractor", "rules", "--run-id", "ONE").code == 0
    (part,) = [item.key for item in forgetful.enriched.list("entities/")]
    forgetful.enriched.delete(part)
    with database.transaction() as connection:
        connection.execute("UPDATE entities SET score = 0.123")
    found = restore(forgetful, database, meter)
    assert [(item.kind, item.key) for item in found.gone] == [(Kind.PART, part)]
    assert part not in contents(forgetful.enriched)


def test_a_lake_that_keeps_what_it_has_is_never_asked(lake: Lake, database: Database) -> None:
    lake.raw.write("notes/a.json", b"x")
    remember(lake, database)
    assert set(contents(lake.raw)) == {"notes/a.json"}
    assert not lake.has_forgotten()


def test_a_lake_that_is_away_has_not_forgotten(forgetful: Lake) -> None:
    away = Lake(replace(forgetful.address, endpoint_url="http://127.0.0.1:9"), patient=False)
    with pytest.raises(StoreUnavailable):
        away.has_forgotten()


def test_packs_are_written_back_unless_their_bytes_are_not_known(hctap: Call, notes: Path, forgetful: Lake) -> None:
    assert hctap("import", "--pack", notes).code == 0
    before = {key: data for key, data in contents(forgetful.raw).items() if key.startswith("packs/")}
    assert len(before) == 1
    forgetful.raw.write("packs/theirs.ndjson", b'{"text": "Gout", "specialty": "Urology", "note_id": "x"}')
    forgetful.raw.write("packs/odd.ndjson", b"no note")
    assert hctap("run", "R", "--extractor", "rules").code == 3
    forget(forgetful)
    # Whatever asks for the lake next writes it back.
    assert hctap("import", notes).code == 0
    assert {key: data for key, data in contents(forgetful.raw).items() if key.startswith("packs/")} == before
