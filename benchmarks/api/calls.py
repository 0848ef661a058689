"""A load of HTTP requests from a process of its own: a protocol of asyncio's over connections that stay open.

A client library takes ten times what the API's bare route does and would measure itself; streams still take twice.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

_OK: Final = range(200, 300)
_GIVEN_UP_SECONDS: Final = 30.0
_END: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Call:
    """A request as bytes, under the name that its times are counted by."""

    name: str
    request: bytes


@dataclass(frozen=True, slots=True)
class Load:
    """Calls in turn, over so many connections, for so long; at a rate a second, or as fast as answers come."""

    port: int
    calls: Sequence[Call]
    connections: int
    seconds: float
    rate: float | None = None


@dataclass(slots=True)
class Outcome:
    """The times of the answers by name, how many were not 2xx or did not come, and the clock's time in all.

    At a rate, a time begins when the request was due, so that no wait for a slow answer before it is left out.
    """

    times: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def answers(self) -> int:
        """How many answers came."""
        return sum(map(len, self.times.values()))

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


def make_call(name: str, method: str, path: str, key: str, body: bytes = b"") -> Call:
    """A call with a key; a body is JSON."""
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {key}"]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return Call(name, "\r\n".join((*head, "", "")).encode() + body)


def send_load(load: Load) -> Outcome:
    """Send a load to 127.0.0.1 and wait for its end; meant to run in a process of its own."""
    import uvloop

    return uvloop.run(_Sender(load).send())


def time_in_turns(port: int, call: Call, action: Callable[[], object], turns: int) -> tuple[list[float], list[float]]:
    """Seconds of an action in this process and of a call over one connection, in turns; the first turn is not told.

    Raises:
        ValueError: If an answer is not 2xx.
        OSError: If none comes.
    """
    own, asked = [], []
    with socket.create_connection(("127.0.0.1", port), _GIVEN_UP_SECONDS) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(turns + 1):
            begun = time.perf_counter()
            action()
            between = time.perf_counter()
            connection.sendall(call.request)
            status = _read_answer(connection)
            asked.append(time.perf_counter() - between)
            own.append(between - begun)
            if status not in _OK:
                raise ValueError(f"{call.name} was answered with {status}")
    return own[1:], asked[1:]


def _read_answer(connection: socket.socket) -> int:
    answer = bytearray()
    size = None
    while size is None or len(answer) < size:
        piece = connection.recv(1 << 20)
        if not piece:
            raise ConnectionResetError
        answer += piece
        if size is None and (end := answer.find(_END)) >= 0:
            size = end + len(_END) + _length_of(bytes(answer[:end]).lower())
    return _status_of(answer)


def _length_of(head: bytes) -> int:
    return int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])


def _status_of(head: bytes | bytearray) -> int:
    return int(head[9:12])


class _Sender:
    def __init__(self, load: Load) -> None:
        self._load = load
        self._outcome = Outcome()
        self._next = 0
        self._begun = 0.0

    async def send(self) -> Outcome:
        connections = [_Connection(self._load.port) for _ in range(self._load.connections)]
        self._begun = time.perf_counter()
        await asyncio.gather(*map(self._work, connections))
        self._outcome.seconds = time.perf_counter() - self._begun
        for connection in connections:
            connection.close()
        return self._outcome

    async def _work(self, connection: "_Connection") -> None:
        while (taken := self._take()) is not None:
            due, call = taken
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            begun = due if self._load.rate else time.perf_counter()
            try:
                async with asyncio.timeout(_GIVEN_UP_SECONDS):
                    status = await connection.ask(call.request)
            except (OSError, TimeoutError, ValueError) as error:
                self._count(type(error).__name__)
                connection.close()
                continue
            if status in _OK:
                self._outcome.times.setdefault(call.name, []).append(time.perf_counter() - begun)
            else:
                self._count(f"{call.name} {status}")

    def _take(self) -> tuple[float, Call] | None:
        number, self._next = self._next, self._next + 1
        due = self._begun + number / self._load.rate if self._load.rate else time.perf_counter()
        if due - self._begun > self._load.seconds:
            return None
        return due, self._load.calls[number % len(self._load.calls)]

    def _count(self, name: str) -> None:
        self._outcome.errors[name] = self._outcome.errors.get(name, 0) + 1


class _Connection(asyncio.Protocol):
    """One connection, opened when it is needed; answers must say their length, and no more of them is kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._head = b""
        self._missing: int | None = None

    async def ask(self, request: bytes) -> int:
        loop = asyncio.get_running_loop()
        if self._transport is None:
            self._transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", self._port)
        self._answer, self._head, self._missing = loop.create_future(), b"", None
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        if self._missing is not None:
            self._missing -= len(data)
        elif (end := (whole := self._head + data).find(_END)) >= 0:
            self._head = whole[:end].lower()
            self._missing = _length_of(self._head) - (len(whole) - end - len(_END))
        else:
            self._head = whole
        if self._missing == 0 and self._answer is not None and not self._answer.done():
            self._answer.set_result(_status_of(self._head))

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError())

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None
