"""A connection to Redis."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, AuthorizationError, RedisError

from hctap_core.errors import SettingsInvalid, StoreUnavailable

TIMEOUT_SECONDS = 3.0


class Cache:
    """Redis (or Valkey) for what may be forgotten; it connects when first used and again after a loss."""

    def __init__(self, url: str, password: str | None = None) -> None:
        try:
            parts = urlsplit(url)
            self.address = f"{parts.hostname}:{parts.port or 6379}"
            self._redis = Redis.from_url(
                url,
                # An address that names a password of its own goes before.
                password=password,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
            )
        except ValueError:
            raise SettingsInvalid(
                "HCTAP_REDIS_URL is not an address of Redis.",
                remedy="Write it as redis://:password@host:port/0.",
            ) from None

    async def ping(self) -> None:
        """See that Redis answers.

        Raises:
            StoreUnavailable: If it does not.
        """
        async with self._translated():
            await self._redis.ping()  # type: ignore[misc]  # one annotation for both clients

    async def count(self, amounts: Mapping[str, int], seconds: int) -> list[int]:
        """Count more under keys that are forgotten some seconds after their first count; says how many there are now.

        Raises:
            StoreUnavailable: If Redis does not answer.
        """
        async with self._translated(), self._redis.pipeline(transaction=True) as pipeline:
            for key, amount in amounts.items():
                pipeline.incrby(key, amount)
                pipeline.expire(key, seconds, nx=True)
            answers = await pipeline.execute()
        return [int(counted) for counted in answers[::2]]

    async def find(self, key: str) -> str | None:
        """What is kept under a key, None where there is nothing.

        Raises:
            StoreUnavailable: If Redis does not answer.
        """
        async with self._translated():
            kept = await self._redis.get(key)
        return None if kept is None else kept.decode()

    async def keep(self, key: str, value: str, seconds: int) -> None:
        """Keep a value under a key for some seconds, or less where room is needed.

        Raises:
            StoreUnavailable: If Redis does not answer.
        """
        async with self._translated():
            await self._redis.set(key, value, ex=seconds)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        try:
            yield
        except (AuthenticationError, AuthorizationError):
            raise StoreUnavailable(
                f"Redis at {self.address} refuses the password.",
                remedy="Correct HCTAP_REDIS_URL.",
            ) from None
        except (RedisError, OSError):
            raise StoreUnavailable(
                f"Redis does not answer at {self.address}.",
                remedy="Start the stack with `make up`, or set HCTAP_REDIS_URL.",
            ) from None
