"""New texts made searchable in the background, a few at a time, while nobody waits for them."""

import asyncio
from typing import Final

from hctap_core.errors import PlatformError
from hctap_stores.database.indexing import index_texts
from hctap_stores.database.pool import Pool

_LOOK_SECONDS: Final = 10.0
# Half of the time is left to those who wait for answers.
_REST_SHARE: Final = 1.0


async def keep_index(pool: Pool, look_seconds: float = _LOOK_SECONDS) -> None:
    """Take the words of new texts until cancelled; a database that is away is asked again later."""
    clock = asyncio.get_running_loop().time
    while True:
        begun = clock()
        try:
            async with pool.connection() as connection:
                texts = await index_texts(connection)
        except PlatformError:
            # Readiness says so already.
            texts = 0
        await asyncio.sleep(_REST_SHARE * (clock() - begun) if texts else look_seconds)
