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


class EngineProcess:
    """A process that answers tasks over a socket.

    Only it and this process hold the ends of the socket, so bytes are unpickled that this program's own code made.
    """

    def __init__(self, process: SpawnProcess, end: socket.socket) -> None:
        self._process = process
        self._socket = end

    @classmethod
    def start(cls, vocabulary_folder: Path, terms: Path | None) -> Self:
        """Start a process; it loads the default extractor and gives its first answer when it has."""
        here, there = socket.socketpair()
        with there:
            # Spawned, not forked: a fork would inherit sockets, locks and the connections of the stores.
            context = multiprocessing.get_context("spawn")
            process = context.Process(target=_serve, args=(there, vocabulary_folder, terms), daemon=True)
            process.start()
        here.settimeout(0)
        return cls(process, here)

    async def ask(self, task: bytes) -> object:
        """What a packed task answers, or what it raised.

        Raises:
            OSError, EOFError: If the process has died.
        """
        await asyncio.get_running_loop().sock_sendall(self._socket, _LENGTH.pack(len(task)) + task)
        return await self.hear()

    async def hear(self) -> object:
        """The next answer: the first one is that to loading the engine."""
        packed = await self._receive(*_LENGTH.unpack(await self._receive(_LENGTH.size)))
        answer: object = pickle.loads(packed)  # noqa: S301 - of our own process
        return answer

    async def _receive(self, size: int) -> bytearray:
        loop, received = asyncio.get_running_loop(), bytearray(size)
        missing = memoryview(received)
        while missing:
            count = await loop.sock_recv_into(self._socket, missing)
            if not count:
                raise EOFError
            missing = missing[count:]
        return received

    def kill(self) -> None:
        """End the process, whatever it is at."""
        self._socket.close()
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
