"""What changes the database, or reads much of it: each in a session and a thread of its own, beside the event loop."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from hctap_stores.database.connection import Database

_Answer = TypeVar("_Answer")
# Each holds a connection beside those of the pool.
MOST_SESSIONS: Final = 4


class Sessions:
    """Sessions with the database, so many at once; who comes later waits for one to end."""

    def __init__(self, url: str, most: int = MOST_SESSIONS) -> None:
        self._url = url
        self._places = asyncio.Semaphore(most)

    async def do(self, work: Callable[[Database], _Answer]) -> _Answer:
        """What `work` answers; it goes on to its end even if nobody waits any more.

        Raises:
            StoreUnavailable: If the database does not answer.
        """
        async with self._places:
            return await asyncio.to_thread(self._do, work)

    def _do(self, work: Callable[[Database], _Answer]) -> _Answer:
        with Database(self._url, application="hctap-api") as database:
            return work(database)
