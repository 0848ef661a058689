"""Searches by streams find what searches without them find, page for page."""

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from tests.clinic import LATEST_RUN, fill_database

from hctap_core.entities import CodeSystem, EntityType
from hctap_core.searches import AssertionFilter, CodeFilter, EntityFilter, Order
from hctap_stores.database.pool import Pool
from hctap_stores.database.search import entities, streams
from hctap_stores.database.search.entities import EntitySearcher

pytestmark = pytest.mark.stack

_TERMS: dict[str, Any] = {
    "cough": {"text": "cough"},
    "several": {"text": "e", "match": "part"},
    "negated": {"text": "pain", "assertion": AssertionFilter(negated=True)},
    "typed": {"text": "fever", "entity_types": (EntityType.PROBLEM,)},
    "specialty": {"text": "cough", "specialties": ("Ward",)},
    "code": {"code": CodeFilter(system=CodeSystem.ICD_10_CM, code="R07.9")},
    "prefix": {"code": CodeFilter(system=CodeSystem.ICD_10_CM, prefix="R")},
    "no such code": {"code": CodeFilter(system=CodeSystem.ICD_10_CM, prefix="Z%")},
    "code and term": {"text": "pain", "code": CodeFilter(system=CodeSystem.ICD_10_CM, prefix="R07")},
}


@pytest.fixture(scope="module")
def clinic(database_url: str) -> str:
    fill_database(database_url)
    return database_url


@pytest.mark.parametrize(("name", "order"), list(itertools.product(_TERMS, (Order.NOTE, Order.TEXT))))
def test_pages_by_streams_are_those_of_the_plain_search(
    clinic: str, name: str, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = EntityFilter(run_id=LATEST_RUN, **_TERMS[name])
    by_streams = _all_pages(clinic, asked, order)
    # Some have too many terms then, and of some those that the run has are looked for first.
    monkeypatch.setattr(streams, "MOST_STREAMS", 2)
    assert _all_pages(clinic, asked, order) == by_streams
    monkeypatch.setattr(entities, "select_by_streams", _none)
    assert _all_pages(clinic, asked, order) == by_streams
    assert bool(by_streams) == (name != "no such code")


async def _none(*_: object) -> None:
    """No streams."""


def _all_pages(url: str, asked: EntityFilter, order: Order) -> list[str]:
    async def read() -> Iterator[str]:
        pool, found, key = Pool(url), [], None
        await pool.open()
        try:
            while True:
                page = await EntitySearcher(pool, asked).page(order, 7, key)
                found.append(page.entities)
                key = page.last_key
                if key is None:
                    return itertools.chain.from_iterable(found)
        finally:
            await pool.close()

    return list(asyncio.run(read()))
