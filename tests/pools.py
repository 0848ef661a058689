"""Questions to the database as the API asks them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hctap_stores.database.pool import Pool

Answer = TypeVar("Answer")


def ask_pool(url: str, question: Callable[[Pool], Awaitable[Answer]]) -> Answer:
    """The answer to a question, over a pool that is open for it alone."""

    async def ask() -> Answer:
        pool = Pool(url)
        await pool.open()
        try:
            return await question(pool)
        finally:
            await pool.close()

    return asyncio.run(ask())
