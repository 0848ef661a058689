"""How often somebody may ask: counted in Redis for all processes, in this one while Redis is away."""

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


class RateLimiter:
    """So many requests a minute for each caller; none are counted where the limit is 0."""

    def __init__(self, cache: Cache | None, limit: int) -> None:
        self._cache = cache
        self._limit = limit
        self._local: dict[str, int] = {}
        self._window = 0
        self._paused_until = 0.0

    async def take(self, caller: str) -> Allowance | None:
        """Count a request of a caller."""
        if self._limit == 0:
            return None
        now = time.time()
        window = int(now // WINDOW_SECONDS)
        # Neither a key's id nor an address lies in Redis as it is.
        name = hashlib.sha256(caller.encode(errors="replace")).hexdigest()[:24]
        count = await self._count_for_all(f"hctap:limit:{window}:{name}")
        if count is None:
            count = self._count_here(window, name)
        reset = WINDOW_SECONDS - int(now % WINDOW_SECONDS)
        return Allowance(self._limit, self._limit - count, reset)

    async def _count_for_all(self, key: str) -> int | None:
        if self._cache is None or time.monotonic() < self._paused_until:
            return None
        try:
            return await self._cache.count(key, 2 * WINDOW_SECONDS)
        except StoreUnavailable as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            log.warning("limits_are_local", extra={"error": error.message})
            return None

    def _count_here(self, window: int, name: str) -> int:
        if window != self._window or len(self._local) >= _MOST_COUNTED:
            self._window = window
            self._local.clear()
        self._local[name] = self._local.get(name, 0) + 1
        return self._local[name]
