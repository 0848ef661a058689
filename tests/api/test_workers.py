"""The processes that hold the engine, by themselves: what happens to those who ask when one of them fails."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn

import psutil
import pytest
import uvloop

from hctap_api.engine import tasks
from hctap_api.engine.workers import MOST_WAITING, Workers
from hctap_core.errors import BadInput, EngineBusy, ExtractorUnavailable


def nap(seconds: float) -> int:
    """Take so long, and say who did."""
    time.sleep(seconds)
    return os.getpid()


def die() -> NoReturn:
    """End the process at once."""
    os._exit(9)


def refuse() -> NoReturn:
    """Raise what has a remedy."""
    raise BadInput("Not this.", remedy="Ask for that.")


class Peculiar(Exception):
    """Cannot be copied by its arguments."""

    def __init__(self, name: str, place: int) -> None:
        super().__init__(f"{name} at {place}")


def raise_what_cannot_be_copied() -> NoReturn:
    """Raise what pickle writes and cannot read."""
    raise Peculiar("this", 7)


def answer_what_cannot_be_copied() -> object:
    """Give what pickle cannot write."""
    return lambda: None


def lack_a_file() -> bytes:
    """Raise what a socket may raise as well."""
    return Path("/nowhere/at/all").read_bytes()


def answer_at_length(size: int) -> bytes:
    """As many bytes as asked for."""
    return b"x" * size


def wait_until_gone(number: int) -> None:
    """Wait until there is no such process."""
    deadline = time.monotonic() + 20
    while psutil.pid_exists(number):
        assert time.monotonic() < deadline, "the process is still there"
        time.sleep(0.01)


def take(
    home: Path,
    ask: Callable[[Workers], Coroutine[Any, Any, None]],
    *,
    count: int = 1,
    limit: float = 60,
    terms: Path | None = None,
) -> None:
    """Run a test over processes that began before the event loop."""
    workers = Workers(count, home / "vocabulary", terms, limit)
    workers.start()

    async def run() -> None:
        await workers.open()
        try:
            await ask(workers)
        finally:
            await workers.close()

    # The event loop that the API runs on.
    uvloop.run(run())


def test_one_that_dies_is_replaced_and_the_others_wait_on(engine_home: Path) -> None:
    async def ask(workers: Workers) -> None:
        first = await workers.run(nap, 0)
        asked = [workers.run(die), *(workers.run(nap, 0) for _ in range(3))]
        died, *others = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(died, ExtractorUnavailable)
        assert "died" in died.message
        assert len(set(others)) == 1
        assert others[0] != first
        assert workers.waiting == 0

    take(engine_home, ask)


@pytest.mark.parametrize("seconds", [0, 1])
def test_one_that_died_between_two_tasks_is_replaced_by_the_next(engine_home: Path, seconds: float) -> None:
    async def ask(workers: Workers) -> None:
        os.kill(await workers.run(nap, 0), signal.SIGKILL)
        # At once, and when the end of its connection has been heard.
        await asyncio.sleep(seconds)
        with pytest.raises(ExtractorUnavailable):
            await workers.run(nap, 0)
        assert await workers.run(nap, 0)

    take(engine_home, ask)


def test_one_that_does_not_end_is_replaced(engine_home: Path) -> None:
    async def ask(workers: Workers) -> None:
        stuck = await workers.run(nap, 0)
        with pytest.raises(ExtractorUnavailable, match="within 10 s"):
            await workers.run(nap, 3600)
        await asyncio.to_thread(wait_until_gone, stuck)
        assert await workers.run(nap, 0) != stuck

    take(engine_home, ask, limit=10)


def test_what_a_task_raises_is_raised_and_the_process_stays(engine_home: Path) -> None:
    async def ask(workers: Workers) -> None:
        process = await workers.run(nap, 0)
        with pytest.raises(BadInput) as refused:
            await workers.run(refuse)
        assert refused.value.remedy == "Ask for that."
        with pytest.raises(FileNotFoundError):
            await workers.run(lack_a_file)
        with pytest.raises(RuntimeError, match="Peculiar"):
            await workers.run(raise_what_cannot_be_copied)
        with pytest.raises(Exception, match="pickle"):
            await workers.run(answer_what_cannot_be_copied)
        assert await workers.run(nap, 0) == process

    take(engine_home, ask)


def test_who_goes_away_disturbs_nobody(engine_home: Path) -> None:
    async def ask(workers: Workers) -> None:
        process = await workers.run(nap, 0)
        gone = asyncio.create_task(workers.run(answer_at_length, 1_000_000))
        waits = asyncio.create_task(workers.run(nap, 0))
        never = asyncio.create_task(workers.run(nap, 0))
        await asyncio.sleep(0.001)
        gone.cancel()
        never.cancel()
        assert await waits == process
        assert await workers.run(answer_at_length, 3) == b"xxx"
        assert workers.waiting == 0

    take(engine_home, ask)


def test_large_answers_come_whole_and_the_loop_goes_on_meanwhile(engine_home: Path) -> None:
    async def ask(workers: Workers) -> None:
        task = asyncio.create_task(workers.run(answer_at_length, 50_000_000))
        longest, last = 0.0, time.monotonic()
        while not task.done():
            await asyncio.sleep(0.001)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        assert len(await task) == 50_000_000
        assert longest < 0.5

    take(engine_home, ask)


def test_too_many_are_told_to_come_again(engine_home: Path) -> None:
    async def ask(workers: Workers) -> None:
        waiting = [asyncio.create_task(workers.run(nap, 0.002)) for _ in range(MOST_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(EngineBusy):
            await workers.run(nap, 0)
        await asyncio.gather(*waiting)

    take(engine_home, ask)


def test_two_work_at_once(engine_home: Path) -> None:
    async def ask(workers: Workers) -> None:
        answered = set(await asyncio.gather(*(workers.run(nap, 0.2) for _ in range(40))))
        assert len(answered) == 2

    take(engine_home, ask, count=2)


def test_an_engine_that_cannot_load_says_why_to_whoever_asks(engine_home: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("- {term: 7, nonsense: yes}\n")

    async def ask(workers: Workers) -> None:
        with pytest.raises(ExtractorUnavailable, match=r"bad\.yaml"):
            await workers.run(tasks.warm)

    take(engine_home, ask, terms=tmp_path)
