"""A process that holds the language engine, and the socket over which it is asked: one task at a time."""

import asyncio
import multiprocessing
import pickle
import signal
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final, Self

from hctap_api.engine import tasks

# How many bytes come, before they do.
_LENGTH: Final = struct.Struct("!Q")
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Failure:
    """What a task raised."""

    error: Exception


class _Line(asyncio.Protocol):
    """The answers that come over a socket, one at a time."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._answer: asyncio.Future[memoryview] = asyncio.get_running_loop().create_future()
        self._is_lost = False

    async def hear(self) -> object:
        """The next answer.

        Raises:
            EOFError: If the other end is gone.
        """
        if self._is_lost and not self._answer.done():
            raise EOFError
        try:
            return pickle.loads(await self._answer)  # noqa: S301 - of our own process
        finally:
            self._answer = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """Take a piece of an answer."""
        self._received += data
        if len(self._received) < _LENGTH.size:
            return
        (size,) = _LENGTH.unpack_from(self._received)
        if len(self._received) == _LENGTH.size + size and not self._answer.done():
            whole, self._received = self._received, bytearray()
            self._answer.set_result(memoryview(whole)[_LENGTH.size :])

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever listens."""
        self._is_lost = True
        if not self._answer.done():
            self._answer.set_exception(exc or EOFError())
            # Nobody may be listening.
            self._answer.exception()


class EngineProcess:
    """A process that answers tasks over a socket, one after the other.

    Only it and this process hold the ends of the socket, so bytes are unpickled that this program's own code made.
    """

    def __init__(self, process: SpawnProcess, end: socket.socket) -> None:
        self._process = process
        self._socket = end
        self._line: _Line | None = None
        self._transport: asyncio.Transport | None = None

    @classmethod
    def start(cls, vocabulary_folder: Path, terms: Path | None) -> Self:
        """Start a process; it loads the default extractor and gives its first answer when it has."""
        here, there = socket.socketpair()
        with there:
            # Spawned, not forked: a fork would inherit sockets, locks and the connections of the stores.
            context = multiprocessing.get_context("spawn")
            process = context.Process(target=_serve, args=(there, vocabulary_folder, terms), daemon=True)
            process.start()
        return cls(process, here)

    async def welcome(self) -> object:
        """The first answer, which is that to loading the engine; the process is asked over this event loop from now on.

        Raises:
            OSError, EOFError: If the process has died.
        """
        loop = asyncio.get_running_loop()
        self._transport, self._line = await loop.create_unix_connection(_Line, sock=self._socket)
        return await self._line.hear()

    async def ask(self, task: bytes) -> object:
        """What a packed task answers, or what it raised.

        Raises:
            OSError, EOFError: If the process has died.
        """
        # What is closed cannot be written to: uvloop says so by an error of its own.
        if self._transport is None or self._line is None or self._transport.is_closing():
            raise EOFError
        self._transport.write(_LENGTH.pack(len(task)) + task)
        return await self._line.hear()

    def kill(self) -> None:
        """End the process, whatever it is at."""
        if self._transport is None:
            self._socket.close()
        else:
            # The socket is the transport's, and goes with it.
            self._transport.abort()
        self._process.kill()

    def wait(self) -> None:
        """Wait until the process has ended, and give back what the system keeps of it."""
        self._process.join()
        self._process.close()


def pack(task: Callable[..., object], *given: object, **named: object) -> bytes:
    """A task of `tasks` with what it is given, as bytes."""
    return pickle.dumps((task, given, named), pickle.HIGHEST_PROTOCOL)


def _serve(end: socket.socket, vocabulary_folder: Path, terms: Path | None) -> None:
    """Answer tasks until the other end closes."""
    # Ctrl-C is for the server, which ends its processes itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tasks.prepare(vocabulary_folder, terms)
    asked: bytes | None = pack(tasks.warm)
    while asked is not None:
        answer = _answer(asked)
        # In one piece: two would wake the event loop twice.
        end.sendall(_LENGTH.pack(len(answer)) + answer)
        head = _read(end, _LENGTH.size)
        asked = None if head is None else _read(end, *_LENGTH.unpack(head))


def _answer(asked: bytes) -> bytes:
    try:
        task, given, named = pickle.loads(asked)  # noqa: S301 - of the process that started this one
        return pickle.dumps(task(*given, **named), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - whoever asked hears of it, the process goes on
        return _pack_failure(error)


def _pack_failure(error: Exception) -> bytes:
    """What a task raised; of what would not come back as it is, the class alone."""
    try:
        packed = pickle.dumps(Failure(error), pickle.HIGHEST_PROTOCOL)
        pickle.loads(packed)  # noqa: S301 - made a line above
    except Exception:  # noqa: BLE001 - an exception may raise anything when it is copied
        return pickle.dumps(Failure(RuntimeError(type(error).__name__)), pickle.HIGHEST_PROTOCOL)
    return packed


def _read(end: socket.socket, size: int) -> bytes | None:
    pieces = []
    while size:
        piece = end.recv(min(size, _PIECE))
        if not piece:
            return None
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
