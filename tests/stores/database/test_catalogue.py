import pytest
from tests.stores.findings import catalogued, make_note

from hctap_core.reasons import QuarantineReason
from hctap_stores.database import catalogue
from hctap_stores.database.catalogue import CataloguedObject
from hctap_stores.database.connection import Database
from hctap_stores.listing import ListedObject

NOTE = make_note("a", "Fever\t\\N 'quoted' 😀", authored_at="2024-05-06T07:08:09Z", patient_id="p")


def _listed(item: CataloguedObject, **more: str) -> ListedObject:
    return ListedObject(item.key, more.get("etag", item.etag), item.bytes)


def test_only_new_and_changed_objects_are_asked_for(database: Database) -> None:
    one, two = catalogued(NOTE), catalogued(make_note("b", "Cough"))
    listing = [_listed(two), _listed(one)]
    assert catalogue.compare_listing(database, listing) == [_listed(one), _listed(two)]
    catalogue.record(database, [one, two])
    assert catalogue.compare_listing(database, listing) == []
    changed = [_listed(one, etag="other"), _listed(two)]
    assert catalogue.compare_listing(database, changed) == [_listed(one, etag="other")]
    assert catalogue.count(database) == 2


def test_objects_that_are_gone_are_forgotten_but_their_texts_are_kept(database: Database) -> None:
    catalogue.record(database, [catalogued(NOTE)])
    assert catalogue.compare_listing(database, []) == []
    assert catalogue.count(database) == 0
    with database.transaction() as connection:
        assert connection.execute("SELECT text FROM note_texts").fetchall() == [(NOTE.text,)]


def test_an_object_is_known_by_what_it_held_last(database: Database) -> None:
    catalogue.record(database, [catalogued(NOTE, batch_id="b1")])
    key = catalogued(NOTE).key
    bad = CataloguedObject(key, "e2", 3, reason=QuarantineReason.NOT_JSON, detail="x")
    catalogue.record(database, [bad])
    with database.transaction() as connection:
        found = connection.execute("SELECT etag, bytes, note, note_id, reason, batch_id FROM lake_objects").fetchall()
    assert found == [("e2", 3, None, None, "not_json", None)]


@pytest.mark.parametrize("key", ["notes/\x01\t\n\\.json", "notes/ü 😀.json", "notes/" + "x" * 1018])
def test_odd_keys_are_kept_as_they_are(database: Database, key: str) -> None:
    catalogue.record(database, [catalogued(NOTE, key)])
    assert catalogue.compare_listing(database, [_listed(catalogued(NOTE, key))]) == []


def test_keys_are_in_the_order_of_their_code_points(database: Database) -> None:
    keys = ["notes/Z", "notes/a", "notes/é", "notes/\uffff", "notes/😀", "notes/-", "a.json"]
    listing = [ListedObject(key, "e", 1) for key in keys]
    assert [item.key for item in catalogue.compare_listing(database, listing)] == sorted(keys)
