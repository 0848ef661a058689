"""How often somebody may ask."""

import asyncio
import uuid

import httpx
import pytest
from tests.clinic import serve, settings_of

from hctap_api.limits import TOLD_SECONDS, RateLimiter
from hctap_api.main import create_app
from hctap_embedded.stack import Stack
from hctap_stores.cache.connection import Cache


def test_without_a_limit_nothing_is_counted() -> None:
    assert asyncio.run(RateLimiter(None, 0).take("a")) is None


def test_callers_are_counted_apart() -> None:
    async def ask() -> list[int]:
        limiter = RateLimiter(None, 2)
        taken = [await limiter.take(caller) for caller in ("a", "a", "b", "a")]
        return [one.remaining for one in taken if one is not None]

    assert asyncio.run(ask()) == [1, 0, 1, -1]


@pytest.mark.stack
def test_processes_share_a_limit(stack: Stack) -> None:
    async def ask() -> list[int]:
        caches = [Cache(stack.addresses().redis_url) for _ in range(2)]
        caller = uuid.uuid4().hex
        taken = [await RateLimiter(cache, 10).take(caller) for cache in (*caches, *caches)]
        for cache in caches:
            await cache.close()
        return [one.remaining for one in taken if one is not None]

    assert asyncio.run(ask()) == [9, 8, 7, 6]


def test_without_redis_this_process_counts_alone_and_does_not_wait_for_it() -> None:
    async def ask() -> list[int]:
        cache = Cache("redis://127.0.0.1:9/0")
        limiter = RateLimiter(cache, 10)
        taken = [await limiter.take("a") for _ in range(3)]
        await cache.close()
        return [one.remaining for one in taken if one is not None]

    assert asyncio.run(ask()) == [9, 8, 7]


@pytest.mark.stack
def test_who_asks_too_often_is_told_when_to_come_again(stack: Stack, clinic_database: str, api_url: str) -> None:
    assert api_url
    more = {"HCTAP_API_REQUESTS_PER_MINUTE": "3", "HCTAP_API_OPEN": "0", "HCTAP_API_TRUSTED_PROXIES": "127.0.0.1"}
    settings = settings_of(stack, clinic_database, **more)
    # Addresses of this test alone: the count is kept for a minute.
    mine, other = (f"2001:db8::{uuid.uuid4().hex[:4]}" for _ in range(2))
    with serve(create_app(settings)) as url:

        def ask(address: str) -> httpx.Response:
            return httpx.get(f"{url}/v1/notes", headers={"X-Forwarded-For": address})

        answers = [ask(mine) for _ in range(5)]
        assert {answer.status_code for answer in answers} == {401, 429}
        last = answers[-1]
        assert (last.status_code, last.json()["type"]) == (429, "urn:hctap:problem:too-many-requests")
        assert last.headers["ratelimit"].startswith('"minute";r=0;t=')
        assert last.headers["ratelimit-policy"] == '"minute";q=3;w=60'
        assert 0 < int(last.headers["retry-after"]) <= 60
        assert ask(other).status_code == 401


@pytest.mark.stack
def test_far_from_the_limit_requests_are_told_together_and_near_it_one_by_one(stack: Stack) -> None:
    async def ask() -> tuple[int, int]:
        cache = Cache(stack.addresses().redis_url)
        here, there, caller = RateLimiter(cache, 1000), RateLimiter(cache, 1000), uuid.uuid4().hex
        for _ in range(700):
            await here.take(caller)
        await asyncio.sleep(3 * TOLD_SECONDS)
        far = await there.take(caller)
        for _ in range(150):
            await there.take(caller)
        near = await here.take(caller)
        for _ in range(60):
            near = await here.take(caller)
        await cache.close()
        assert far is not None
        assert near is not None
        return far.remaining, near.remaining

    far, near = asyncio.run(ask())
    # Another window may have begun meanwhile.
    assert far in {299, 999}
    assert near <= 1000 - 61
