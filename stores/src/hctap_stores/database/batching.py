"""Questions that come while others are being answered go together in the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Batches(Generic[Question, Answer]):
    """Asks for many at a time: a lone question goes at once, the more come the more share the cost of asking.

    `ask` gives the answers in the order of the questions; `at_once` is how many batches are under way at most, `most`
    how many questions one has.
    """

    def __init__(
        self, ask: Callable[[list[Question]], Awaitable[Sequence[Answer]]], *, at_once: int = 1, most: int = 1000
    ) -> None:
        self._ask = ask
        self._at_once = at_once
        self._most = most
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._asking = 0
        # The event loop alone would not keep them.
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, question: Question) -> Answer:
        """The answer; whatever `ask` raises is raised to all that it was asked for."""
        done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, done))
        if self._asking < self._at_once:
            self._asking += 1
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await done

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._answer(batch)
        finally:
            # In the same step that saw that nobody waits: who comes before the task is known to be done would wait
            # for whoever comes next.
            self._asking -= 1

    async def _answer(self, batch: list[tuple[Question, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._ask([question for question, _ in batch])
        except BaseException as error:  # whatever it is, those who wait must hear of it
            for _, done in batch:
                if not done.done():
                    done.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            for (_, done), answer in zip(batch, answers, strict=True):
                if not done.done():
                    done.set_result(answer)
