"""How often somebody may ask: counted in Redis for all processes, in this one while Redis is away."""

import asyncio
import hashlib
import logging
import time
from dataclasses import dataclass
from typing import Final

from hctap_core.errors import StoreUnavailable
from hctap_stores.cache.connection import Cache

log = logging.getLogger(__name__)

WINDOW_SECONDS: Final = 60
# So long Redis is left alone after it did not answer, so that no request waits for it.
PAUSE_SECONDS: Final = 5.0
# Counts are told to Redis so often, and at once where fewer than this many requests, or a fifth, are left.
TOLD_SECONDS: Final = 0.1
_NEAR: Final = 50
_MOST_COUNTED: Final = 50_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of a limit is left, below zero where it is exceeded, and when it begins anew."""

    limit: int
    remaining: int
    reset_seconds: int

    @property
    def is_exceeded(self) -> bool:
        """Whether there was nothing left."""
        return self.remaining < 0

    def headers(self) -> list[tuple[bytes, bytes]]:
        """As draft-ietf-httpapi-ratelimit-headers-10 writes it."""
        left = max(0, self.remaining)
        lines = [
            (b"ratelimit-policy", f'"minute";q={self.limit};w={WINDOW_SECONDS}'.encode()),
            (b"ratelimit", f'"minute";r={left};t={self.reset_seconds}'.encode()),
        ]
        return [*lines, (b"retry-after", str(self.reset_seconds).encode())] if self.is_exceeded else lines


@dataclass(slots=True)
class _Count:
    """What Redis said last, None before it was asked, and what was counted here since."""

    known: int | None = None
    unsaid: int = 0

    @property
    def total(self) -> int:
        return (self.known or 0) + self.unsaid


class RateLimiter:
    """So many requests a minute for each caller; none are counted where the limit is 0.

    Far from the limit a request is counted here and told to Redis with others, near it Redis is asked for each: so
    the limit is kept to what other processes counted within `TOLD_SECONDS`, and most requests wait for nobody.
    """

    def __init__(self, cache: Cache | None, limit: int) -> None:
        self._cache = cache
        self._limit = limit
        self._far = limit - max(_NEAR, limit // 5)
        self._counts: dict[str, _Count] = {}
        self._window = 0
        self._paused_until = 0.0
        self._telling: asyncio.Task[None] | None = None

    async def take(self, caller: str) -> Allowance | None:
        """Count a request of a caller."""
        if self._limit == 0:
            return None
        now = time.time()
        count = self._count_of(caller, int(now // WINDOW_SECONDS))
        count.unsaid += 1
        if count.known is None or count.total >= self._far:
            await self._tell({caller: count})
        elif self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_later())
        reset = WINDOW_SECONDS - int(now % WINDOW_SECONDS)
        return Allowance(self._limit, self._limit - count.total, reset)

    def _count_of(self, caller: str, window: int) -> _Count:
        if window != self._window or len(self._counts) >= _MOST_COUNTED:
            self._window = window
            self._counts = {}
        return self._counts.setdefault(caller, _Count())

    async def _tell_later(self) -> None:
        await asyncio.sleep(TOLD_SECONDS)
        await self._tell({caller: count for caller, count in self._counts.items() if count.unsaid})

    async def _tell(self, counts: dict[str, _Count]) -> None:
        if not counts or self._cache is None or time.monotonic() < self._paused_until:
            return
        said = {_key(self._window, caller): count.unsaid for caller, count in counts.items()}
        for count, amount in zip(counts.values(), said.values(), strict=True):
            # Requests that come meanwhile count on from here.
            count.known, count.unsaid = count.total, count.unsaid - amount
        try:
            totals = await self._cache.count(said, 2 * WINDOW_SECONDS)
        except StoreUnavailable as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            log.warning("limits_are_local", extra={"error": error.message})
            return
        for count, total in zip(counts.values(), totals, strict=True):
            count.known = max(count.known or 0, total)


def _key(window: int, caller: str) -> str:
    # Neither a key's id nor an address lies in Redis as it is.
    name = hashlib.sha256(caller.encode(errors="replace")).hexdigest()[:24]
    return f"hctap:limit:{window}:{name}"
