"""The words of texts are taken in the background, whether somebody searches or not."""

import asyncio
import contextlib
import time
from collections.abc import Callable

import pytest
from tests.clinic import TEXTS, fill_database

from hctap_api.indexing import keep_index
from hctap_stores.database.indexing import count_waiting
from hctap_stores.database.pool import Pool

pytestmark = pytest.mark.stack
PATIENCE_SECONDS = 60


def test_texts_that_lie_there_are_searchable_without_a_search(new_database: Callable[[], str]) -> None:
    url = new_database()
    fill_database(url)
    before, after = asyncio.run(_watch(url))
    assert before >= len(set(TEXTS.values()))
    assert after == 0


async def _watch(url: str) -> tuple[int, int]:
    pool = Pool(url)
    await pool.open()
    try:
        async with pool.connection() as connection:
            before = after = await count_waiting(connection)
        keeping = asyncio.create_task(keep_index(pool, look_seconds=0.05))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while after and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
            async with pool.connection() as connection:
                after = await count_waiting(connection)
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
    finally:
        await pool.close()
    return before, after
