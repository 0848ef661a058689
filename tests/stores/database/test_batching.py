"""Questions that go together."""

import asyncio

import pytest

from hctap_core.errors import StoreUnavailable
from hctap_stores.database.batching import Batches


def test_what_comes_while_others_are_answered_goes_together() -> None:
    asked: list[list[int]] = []

    async def double(numbers: list[int]) -> list[int]:
        asked.append(numbers)
        await asyncio.sleep(0)
        return [2 * number for number in numbers]

    async def ask() -> list[int]:
        batches = Batches(double, most=3)
        first = asyncio.create_task(batches.answer(0))
        await asyncio.sleep(0)
        return [await first, *await asyncio.gather(*map(batches.answer, range(1, 8)))]

    assert asyncio.run(ask()) == [0, 2, 4, 6, 8, 10, 12, 14]
    assert asked[0] == [0]
    assert sorted(len(numbers) for numbers in asked[1:]) == [1, 3, 3]


def test_all_of_a_batch_hear_of_its_failure_and_the_next_is_asked_anew() -> None:
    fails = [True]

    async def fail_once(numbers: list[int]) -> list[int]:
        await asyncio.sleep(0)
        if fails.pop() if fails else False:
            raise StoreUnavailable("gone")
        return numbers

    async def ask() -> list[object]:
        batches = Batches(fail_once)
        failed = await asyncio.gather(batches.answer(1), batches.answer(2), return_exceptions=True)
        return [*failed, await batches.answer(3)]

    first, *others = asyncio.run(ask())
    assert isinstance(first, StoreUnavailable)
    assert others[-1] == 3


def test_who_no_longer_waits_stops_nobody() -> None:
    async def wait_a_little(numbers: list[int]) -> list[int]:
        await asyncio.sleep(0.01)
        return numbers

    async def ask() -> int:
        batches = Batches(wait_a_little)
        impatient = asyncio.create_task(batches.answer(1))
        patient = asyncio.create_task(batches.answer(2))
        await asyncio.sleep(0)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        return await patient

    assert asyncio.run(ask()) == 2


def test_who_asks_in_the_very_step_after_an_answer_waits_for_nobody_else() -> None:
    async def give_back(numbers: list[int]) -> list[int]:
        await asyncio.sleep(0)
        return numbers

    async def ask_in_turn() -> list[int]:
        batches = Batches(give_back)
        async with asyncio.timeout(10):
            return [await batches.answer(number) for number in range(3)]

    assert asyncio.run(ask_in_turn()) == [0, 1, 2]
