"""Connections for programs that answer many at once."""

import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from hctap_stores.database.connection import connection_options
from hctap_stores.database.faults import address_of, translated

STATEMENT_TIMEOUT_MS = 15_000
# What is asked here takes milliseconds. Its estimates may be high, and to compile a statement takes longer than it.
# Some answers leave as the bytes that they came as.
_OPTIONS = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c jit=off -c client_encoding=UTF8"
WAIT_SECONDS = 5.0
# The pool doubles its pause between attempts until it gives up and the next use begins anew, so this bounds how long
# a server that is back stays unnoticed: an outage of ten minutes would else be followed by minutes more.
RECONNECT_SECONDS = 2.0


class Pool:
    """A pool of connections for readers; it opens at once and connects in the background.

    A server that is away at the start is found when it comes: each use says until then that it is not there.
    """

    def __init__(self, url: str, *, application: str = "hctap-api", size: int = 10) -> None:
        self.address = address_of(url)
        options = connection_options(url, _OPTIONS)
        self._pool = AsyncConnectionPool(
            url,
            kwargs=options | {"autocommit": True, "application_name": application},
            min_size=1,
            max_size=size,
            timeout=WAIT_SECONDS,
            reconnect_timeout=RECONNECT_SECONDS,
            check=_check,
            open=False,
        )

    async def open(self) -> None:
        """Begin to connect; needs a running event loop."""
        await self._pool.open()

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    def sizes(self) -> dict[str, int]:
        """How many connections there are, are free, and how many requests wait for one."""
        known = self._pool.get_stats()
        return {
            "connections": known.get("pool_size", 0),
            "available": known.get("pool_available", 0),
            "requests_waiting": known.get("requests_waiting", 0),
            "errors": known.get("connections_errors", 0),
        }

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[TupleRow]]:
        """A connection for one answer.

        Raises:
            StoreUnavailable: If the server is away, full, closed or too busy.
        """
        with translated(self.address):
            async with self._pool.connection() as connection:
                yield connection


async def _check(connection: AsyncConnection[TupleRow]) -> None:
    """See that the server has not closed an idle connection, by a question to the system and none to the server.

    A server that ends says so on the socket; only where there is something to read is the server asked, which raises
    if it is gone.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    if poll.poll(0):
        await AsyncConnectionPool.check_connection(connection)
