"""What is counted from counts and samples is what all pages together hold, or an estimate that says so."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from tests.clinic import LATEST_RUN, fill_database

from hctap_core.entities import CodeSystem, EntityType
from hctap_core.searches import AssertionFilter, CodeFilter, EntityFilter, Facet, Match, Order
from hctap_core.sections import SectionType
from hctap_stores.database.connection import Database
from hctap_stores.database.pool import Pool
from hctap_stores.database.search import counting, streams
from hctap_stores.database.search import entities as entities_search
from hctap_stores.database.search.counting import Tally
from hctap_stores.database.search.entities import EntitySearcher

pytestmark = pytest.mark.stack

PRESENT = AssertionFilter(negated=False, uncertain=False, historical=False, hypothetical=False, family=False)
_CODED = CodeFilter(system=CodeSystem.ICD_10_CM, code="R07.9")
FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    "type": {"entity_types": (EntityType.PROBLEM,)},
    "types": {"entity_types": (EntityType.MEDICATION, EntityType.ANATOMY)},
    "no such type": {"entity_types": (EntityType.TEST,)},
    "present": {"assertion": PRESENT},
    "family": {"assertion": AssertionFilter(family=True)},
    "family problem": {"assertion": AssertionFilter(family=True), "entity_types": (EntityType.PROBLEM,)},
    "family and negated": {"assertion": AssertionFilter(family=True, negated=True)},
    "not family": {"assertion": AssertionFilter(family=False)},
    "section": {"sections": (SectionType.MEDICATIONS,)},
    "no section": {"sections": (SectionType.UNKNOWN, SectionType.MEDICATIONS)},
    "section and type": {"sections": (SectionType.MEDICATIONS,), "entity_types": (EntityType.PROBLEM,)},
    "specialty": {"specialties": ("Ward",)},
    "specialty and type": {"specialties": ("Ward", "Cardiology"), "entity_types": (EntityType.PROBLEM,)},
    "no such specialty": {"specialties": ("Nowhere",)},
    "note": {"note_id": "cardiology-2"},
    "note and assertion": {"note_id": "cardiology-2", "assertion": AssertionFilter(negated=True)},
    "score": {"min_score": 0.95},
    "words": {"text": "cough"},
    "words and specialty": {"text": "cough", "specialties": ("Ward",)},
    "part and assertion": {"text": "e", "match": Match.PART, "assertion": AssertionFilter(historical=True)},
    "no such word": {"text": "zebra"},
    "code": {"code": _CODED},
    "code and assertion": {"code": _CODED, "assertion": AssertionFilter(negated=True)},
    "prefix": {"code": CodeFilter(system=CodeSystem.ICD_10_CM, prefix="R0")},
}
# What is counted in each note, or by an index alone.
_KNOWN = {"all", "type", "types", "no such type", "present", "family", "family problem", "specialty", "words", "code"}


@pytest.fixture(scope="module")
def clinic(database_url: str) -> str:
    fill_database(database_url)
    return database_url


@pytest.mark.parametrize("name", FILTERS)
def test_counts_are_those_of_all_pages(clinic: str, name: str) -> None:
    asked = EntityFilter(run_id=LATEST_RUN, **FILTERS[name])
    entities = all_pages(clinic, asked)
    tally = count(clinic, asked)
    assert (tally.total, tally.is_exact, tally.counted) == (len(entities), True, len(entities))
    assert dict(tally.facets[Facet.NORM_TEXT]) == Counter(entity["norm_text"] for entity in entities)
    assert dict(tally.facets[Facet.SPECIALTY]) == Counter(entity["specialty"] for entity in entities)
    codes = (f"{code['system']} {code['code']}" for entity in entities for code in entity["codes"])
    assert dict(tally.facets[Facet.CODE]) == Counter(codes)


@pytest.mark.parametrize("name", FILTERS)
def test_pages_from_counted_notes_are_those_of_the_plain_search(
    clinic: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = EntityFilter(run_id=LATEST_RUN, **FILTERS[name])
    monkeypatch.setattr(streams, "MOST_STREAMS", -1)
    by_notes = all_pages(clinic, asked)
    monkeypatch.setattr(EntitySearcher, "_page_by_notes", lambda *_: None)
    assert all_pages(clinic, asked) == by_notes


@pytest.mark.parametrize("name", [name for name in FILTERS if "specialt" in name])
def test_notes_of_a_specialty_are_the_same_however_many_there_are(
    clinic: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = EntityFilter(run_id=LATEST_RUN, **FILTERS[name])
    at_once = all_pages(clinic, asked)
    monkeypatch.setattr(entities_search, "FEW_NOTES", 0)
    assert all_pages(clinic, asked) == at_once


@pytest.mark.parametrize("name", FILTERS)
def test_of_many_a_share_is_looked_at(clinic: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = EntityFilter(run_id=LATEST_RUN, **FILTERS[name])
    whole = count(clinic, asked)
    for limit in ("MOST_EXAMINED", "MOST_COUNTS", "MOST_SCATTERED"):
        monkeypatch.setattr(counting, limit, 40)
    tally = count(clinic, asked)
    assert count(clinic, asked) == tally
    assert tally.counted == sum(entities for _, entities in tally.facets[Facet.ENTITY_TYPE]) <= whole.counted
    if tally.is_exact:
        assert tally.total == whole.total
    else:
        assert name not in _KNOWN
        assert tally.counted <= whole.total
    if name in {"all", "words", "type", "specialty"}:
        assert 20 < tally.counted < 80 < tally.total


def test_where_a_share_stands_for_all_the_number_is_an_estimate(clinic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_EXAMINED", 40)
    asked = EntityFilter(run_id=LATEST_RUN, assertion=AssertionFilter(family=False))
    whole = len(all_pages(clinic, asked))
    tally = count(clinic, asked)
    assert not tally.is_exact
    assert whole * 0.8 < tally.total < whole * 1.2


def test_of_too_many_entries_of_an_index_notes_are_taken(clinic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = EntityFilter(run_id=LATEST_RUN, text="cough")
    whole = count(clinic, asked)
    monkeypatch.setattr(counting, "MOST_ENTRIES", 10)
    assert count(clinic, asked) == whole


def test_a_large_run_is_counted_once_and_its_ledger_read_while_a_deletion_is_under_way(
    clinic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = EntityFilter(run_id=LATEST_RUN)
    monkeypatch.setattr(counting, "MOST_EXAMINED", 40)
    by_ledger = count(clinic, asked)
    whole = len(all_pages(clinic, asked))
    counted = (
        "UPDATE runs SET counts = counts || jsonb_build_object('entities', %s::int, 'distinct', 1) WHERE run_id = %s"
    )
    with Database(clinic) as database, database.transaction() as connection:
        (before,) = connection.execute("SELECT counts FROM runs WHERE run_id = %s", (LATEST_RUN,)).fetchone() or ({},)
        connection.execute(counted, (whole, LATEST_RUN))
    monkeypatch.setattr(counting, "_LARGE", 0)
    try:
        assert count(clinic, asked) == by_ledger
        with Database(clinic) as database, database.transaction() as connection:
            connection.execute(counted, (10 * whole, LATEST_RUN))
        assert (count(clinic, asked).total, count(clinic, asked).is_exact) == (10 * whole, True), (
            "it is not counted anew"
        )
        with Database(clinic) as database, database.transaction() as connection:
            connection.execute(
                """
                INSERT INTO deletions (note_id, reason, deleted_by, runs)
                SELECT 'gone', 'legal_order', 'k1', jsonb_build_array(run_no) FROM runs WHERE run_id = %s
                """,
                (LATEST_RUN,),
            )
        assert count(clinic, asked) == by_ledger
    finally:
        with Database(clinic) as database, database.transaction() as connection:
            connection.execute("UPDATE runs SET counts = %s WHERE run_id = %s", (Jsonb(before), LATEST_RUN))
            connection.execute("DELETE FROM deletions WHERE note_id = 'gone'")


def test_results_that_are_carried_over_are_counted_as_ones_own(clinic: str) -> None:
    names = [name for name in FILTERS if not name.startswith("no")]
    asked = [EntityFilter(run_id=LATEST_RUN, **FILTERS[name]) for name in names]
    own = [count(clinic, one) for one in asked]
    with Database(clinic) as database, database.transaction() as connection:
        # A run that says that it leans on another is read through its ledger.
        connection.execute(
            "UPDATE runs SET base_run_no = (SELECT min(run_no) FROM runs) WHERE run_id = %s", (LATEST_RUN,)
        )
    try:
        assert [count(clinic, one) for one in asked] == own
    finally:
        with Database(clinic) as database, database.transaction() as connection:
            connection.execute("UPDATE runs SET base_run_no = NULL WHERE run_id = %s", (LATEST_RUN,))


def count(url: str, asked: EntityFilter) -> Tally:
    async def ask() -> Tally:
        pool = Pool(url)
        await pool.open()
        try:
            return await EntitySearcher(pool, asked).tally(tuple(Facet))
        finally:
            await pool.close()

    return asyncio.run(ask())


def all_pages(url: str, asked: EntityFilter) -> list[dict[str, Any]]:
    async def read() -> list[dict[str, Any]]:
        pool, found, key = Pool(url), list[str](), None
        await pool.open()
        try:
            while True:
                page = await EntitySearcher(pool, asked).page(Order.NOTE, 40, key)
                found += page.entities
                key = page.last_key
                if key is None:
                    return [json.loads(entity) for entity in found]
        finally:
            await pool.close()

    return asyncio.run(read())
