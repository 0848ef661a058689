import json
from collections.abc import Iterator
from typing import Any

import pytest

from hctap_cli.progress import Meter
from hctap_core.notes import MAX_RECORD_BYTES
from hctap_etl import cataloguing
from hctap_etl.cataloguing import update_catalogue
from hctap_stores.database.connection import Database
from hctap_stores.lake.bucket import Bucket
from hctap_stores.lake.lake import Lake
from hctap_stores.listing import ListedObject


def _json(note_id: str, text: str = "Fever") -> bytes:
    return json.dumps({"note_id": note_id, "specialty": "Urology", "text": text}).encode()


def _catalogue(database: Database) -> dict[str, tuple[Any, ...]]:
    with database.transaction() as connection:
        query = "SELECT object_key, note_id, is_own_key, batch_id, reason FROM lake_objects"
        return {key: tuple(rest) for key, *rest in connection.execute(query)}


def test_each_object_is_read_once_and_judged(lake: Lake, database: Database, meter: Meter) -> None:
    lake.raw.write("notes/a.json", _json("a"), {"batch-id": "b1"})
    lake.raw.write("b.json", _json("b"))
    lake.raw.write("notes/c.json", b"broken")
    lake.raw.write("readme.txt", b"not a note")
    lake.raw.write("batches/x.json", b"{}")
    assert update_catalogue(lake.raw, database, meter) == 3
    assert _catalogue(database) == {
        "notes/a.json": ("a", True, "b1", None),
        "b.json": ("b", False, None, None),
        "notes/c.json": (None, False, None, "not_json"),
    }
    assert update_catalogue(lake.raw, database, meter) == 0
    lake.raw.write("notes/c.json", _json("c"))
    assert update_catalogue(lake.raw, database, meter) == 1
    assert _catalogue(database)["notes/c.json"] == ("c", True, None, None)


def test_large_objects_are_not_read(lake: Lake, database: Database, meter: Meter) -> None:
    lake.raw.write("notes/film.mp4", b"x" * (MAX_RECORD_BYTES + 1))
    update_catalogue(lake.raw, database, meter)
    assert _catalogue(database) == {"notes/film.mp4": (None, False, None, "too_large")}


def test_an_object_deleted_after_the_listing_is_answered_for(lake: Lake, database: Database, meter: Meter) -> None:
    class Forgetful(Bucket):
        """A bucket from which somebody deletes right after it was listed."""

        def list(self, prefix: str = "", *, deep: bool = True) -> Iterator[ListedObject]:
            yield from super().list(prefix, deep=deep)
            if prefix:
                self._client().delete_object(Bucket=self.name, Key="notes/a.json")

    lake.raw.write("notes/a.json", _json("a"))
    lake.raw.write("notes/b.json", _json("b"))
    forgetful = Forgetful(lake.raw.name, lake.address, lambda: lake._client, patient=True)
    assert update_catalogue(forgetful, database, meter) == 2
    assert _catalogue(database)["notes/a.json"] == (None, False, None, "changed_during_run")
    assert update_catalogue(lake.raw, database, meter) == 0
    assert set(_catalogue(database)) == {"notes/b.json"}


def test_an_object_overwritten_after_the_listing_is_known_by_what_was_read(
    lake: Lake, database: Database, meter: Meter
) -> None:
    class Restless(Bucket):
        """A bucket into which somebody writes right after it was listed."""

        def list(self, prefix: str = "", *, deep: bool = True) -> Iterator[ListedObject]:
            yield from super().list(prefix, deep=deep)
            self.write("notes/a.json", _json("a", "Cough"))

    lake.raw.write("notes/a.json", _json("a", "Fever"))
    restless = Restless(lake.raw.name, lake.address, lambda: lake._client, patient=True)
    update_catalogue(restless, database, meter)
    with database.transaction() as connection:
        assert connection.execute("SELECT text FROM note_texts").fetchall() == [("Cough",)]
    assert update_catalogue(lake.raw, database, meter) == 0


@pytest.mark.parametrize(("name", "limit"), [("BATCH_OBJECTS", 3), ("BATCH_BYTES", 200)])
def test_batches_are_small(
    lake: Lake, database: Database, meter: Meter, monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    monkeypatch.setattr(cataloguing, name, limit)
    for place in range(10):
        lake.raw.write(f"notes/{place}.json", _json(str(place)))
    assert update_catalogue(lake.raw, database, meter) == 10
    assert len(_catalogue(database)) == 10
