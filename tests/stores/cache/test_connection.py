import asyncio
from collections.abc import Callable

import pytest

from hctap_core.errors import SettingsInvalid, StoreUnavailable
from hctap_embedded.stack import Stack
from hctap_stores.cache.connection import Cache


def _ping(url: str, password: str | None = None) -> None:
    async def ping() -> None:
        cache = Cache(url, password)
        try:
            await cache.ping()
            await cache.ping()
        finally:
            await cache.close()

    asyncio.run(ping())


def _wrong_password(url: str) -> str:
    return f"redis://:wrong@{url.rpartition('@')[2]}"


def test_a_running_cache_answers(stack: Stack) -> None:
    _ping(stack.addresses().redis_url)


def test_the_password_may_come_beside_the_address(stack: Stack) -> None:
    credentials, _, place = stack.addresses().redis_url.rpartition("@")

    _ping(f"redis://{place}", credentials.rpartition(":")[2])


@pytest.mark.parametrize(
    ("change", "said"),
    [(_wrong_password, "refuses the password"), (lambda _: "redis://127.0.0.1:1/0", "does not answer")],
)
def test_a_cache_that_is_away_is_named(stack: Stack, change: Callable[[str], str], said: str) -> None:
    with pytest.raises(StoreUnavailable, match=said):
        _ping(change(stack.addresses().redis_url))


@pytest.mark.parametrize("url", ["not an address", "redis://h:port/0"])
def test_nonsense_is_no_address(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="HCTAP_REDIS_URL"):
        Cache(url)
