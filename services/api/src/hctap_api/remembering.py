"""Answers kept in Redis: of finished runs, which never change, and without text of notes.

An answer is kept under the runs' own versions, so nothing is ever deleted from the cache: a run that is worked on again
has another version. Without Redis each answer is made anew.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from hctap_api.metrics import Metrics
from hctap_core.errors import StoreUnavailable
from hctap_stores.cache.connection import Cache

log = logging.getLogger(__name__)

KEPT_SECONDS: Final = 7 * 24 * 3600
# So long Redis is left alone after it did not answer.
_PAUSE_SECONDS: Final = 5.0
# Raised when the same question would be answered in another shape.
_SHAPE: Final = 1


class Memory:
    """Answers by what was asked and the version of what it was asked of; who asks at once is answered once."""

    def __init__(self, cache: Cache | None, metrics: Metrics) -> None:
        self._cache = cache
        self._metrics = metrics
        self._making: dict[str, asyncio.Task[str]] = {}
        self._paused_until = 0.0

    async def answer(self, asked: str, version: str | None, make: Callable[[], Awaitable[str]]) -> str:
        """The kept answer, else a new one; without a version it may still change and is not kept.

        Who goes away while it is made does not stop it, so that they find it when they ask again.
        """
        # Ids of runs are not for everybody who can read Redis.
        key = f"hctap:answer:{_SHAPE}:" + hashlib.sha256(f"{asked}\n{version}".encode()).hexdigest()
        if version is not None and (kept := await self._find(key)) is not None:
            return kept
        task = self._making.get(key)
        if task is None:
            task = asyncio.create_task(self._make(key, make, is_kept=version is not None))
            self._making[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    async def _make(self, key: str, make: Callable[[], Awaitable[str]], *, is_kept: bool) -> str:
        made = await make()
        if is_kept and self._is_there():
            try:
                await self._keep(key, made)
            except StoreUnavailable as error:
                self._pause(error)
        return made

    async def _find(self, key: str) -> str | None:
        if self._cache is None or not self._is_there():
            self._metrics.count_cached("away")
            return None
        try:
            kept = await self._cache.find(key)
        except StoreUnavailable as error:
            self._pause(error)
            self._metrics.count_cached("away")
            return None
        self._metrics.count_cached("miss" if kept is None else "hit")
        return kept

    async def _keep(self, key: str, made: str) -> None:
        if self._cache is not None:
            await self._cache.keep(key, made, KEPT_SECONDS)

    def _is_there(self) -> bool:
        return time.monotonic() >= self._paused_until

    def _pause(self, error: StoreUnavailable) -> None:
        self._paused_until = time.monotonic() + _PAUSE_SECONDS
        log.warning("answers_are_not_kept", extra={"error": error.message})

    def _forget(self, key: str, done: asyncio.Task[str]) -> None:
        self._making.pop(key, None)
        # Whoever waited has heard of a failure; if nobody did, it is no news.
        if not done.cancelled():
            done.exception()
