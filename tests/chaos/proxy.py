"""A TCP proxy between a program and a store: it counts what passes, and drops, delays or truncates it when told to."""

import asyncio
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from random import Random
from typing import Final, Self

_CHUNK_BYTES: Final = 16 * 1024
_RESET: Final = struct.pack("ii", 1, 0)


class Harm(StrEnum):
    """What the network does to what passes."""

    DROP = "dropped"
    DELAY = "delayed"
    TRUNCATE = "truncated"


class Proxy:
    """Passes everything on to a port of this machine, in a thread of its own.

    `at` calls an action, in that thread, when so many more bytes have passed in both directions together: a moment that
    does not depend on how fast the machine is.
    """

    def __init__(self, target: int) -> None:
        self.port = 0
        self.passed = 0
        self._target = target
        self._due: tuple[int, Callable[[], None]] | None = None
        self._harm: tuple[Harm, Random, float] | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def at(self, more: int, action: Callable[[], None]) -> None:
        """Call an action once, when `more` bytes have passed from now on."""
        self._due = (self.passed + more, action)

    def harm(self, harm: Harm, source: Random, seconds: float) -> None:
        """Harm what passes for so long: to be called as an action, or from any thread."""
        self._harm = (harm, source, time.monotonic() + seconds)

    def heal(self) -> None:
        """Pass everything on as it comes, and forget what was due."""
        self._harm = self._due = None

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._server.close()
        for writer in tuple(self._open):
            writer.transport.abort()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pair = [writer]
        self._open.add(writer)
        try:
            if self._current() is not Harm.DROP:
                above, below = await asyncio.open_connection("127.0.0.1", self._target)
                pair.append(below)
                self._open.add(below)
                pumps = [asyncio.create_task(self._pump(*ends)) for ends in ((reader, below), (above, writer))]
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass  # the store is away, or the proxy closes: so does this end
        finally:
            for end in pair:
                self._open.discard(end)
                _reset(end) if self._current() is Harm.DROP else end.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK_BYTES):
                self._count(len(data))
                if self._current() is Harm.DROP:
                    return
                is_cut = self._current() is Harm.TRUNCATE
                writer.write(await self._alter(data))
                await writer.drain()
                if is_cut:
                    return

    async def _alter(self, data: bytes) -> bytes:
        if self._harm is None:
            return data
        harm, source, _ = self._harm
        if self._current() is Harm.DELAY:
            await asyncio.sleep(source.uniform(0.01, 0.4))
        elif harm is Harm.TRUNCATE and self._current() is harm:
            # One cut: what comes later meets a whole network again.
            self._harm = None
            return data[: source.randrange(len(data))]
        return data

    def _count(self, size: int) -> None:
        self.passed += size
        if self._due is not None and self.passed >= self._due[0]:
            action, self._due = self._due[1], None
            action()
            if self._current() is Harm.DROP:
                for writer in tuple(self._open):
                    _reset(writer)

    def _current(self) -> Harm | None:
        if self._harm is not None and time.monotonic() < self._harm[2]:
            return self._harm[0]
        return None


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection so that the other side is told of an error, not of an end."""
    with suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
