"""`hctap-etl` loaded once, and forked for every command: two hundred runs do not pay two hundred times for imports.

`python -m tests.chaos.nest SOCKET VOCABULARY`, started by `Nest`. Each command is a process of its own, as is the
extractor's (`hctap_etl.nursery`), which is forked here instead of started, and its workers. A text with `POISON` in it
kills the process that reads it.
"""

import gc
import importlib
import os
import pkgutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, NoReturn, Self

import boto3

import hctap_etl
import hctap_stores
from hctap_cli.guarding import Failure
from hctap_core.phi import PhiPolicy
from hctap_etl import __main__ as command_line
from hctap_etl import nursery, shards
from hctap_etl.pipeline import pipeline_of
from hctap_etl.program import Program
from hctap_nlp.extraction import Extraction
from hctap_nlp.extractors import Extractor, SpanReader, load_extractor
from hctap_nlp.phi.guard import guard
from hctap_stores.database import plan
from hctap_stores.database.rows import LedgerNote

POISON: Final = "Poison oak of the seventh kind."
_SHARD_BYTES: Final = 8 * 1024


class Nest:
    """The process that commands are forked from, seen from the process that gives them."""

    def __init__(self, vocabulary: Path) -> None:
        ours, theirs = Pipe()
        self._socket: Connection[Any, Any] = ours
        command = [sys.executable, "-m", "tests.chaos.nest", str(theirs.fileno()), str(vocabulary)]
        self._process = subprocess.Popen(
            command, cwd=Path(__file__).parents[2], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.wait(30)

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
        """Start `hctap-etl` with these arguments; gives its pid."""
        self._socket.send((list(arguments), dict(environment), str(log)))
        return int(self._socket.recv())

    def code_of(self, pid: int) -> int | None:
        """How a command ended, None while it lives; the negative number of the signal that killed it."""
        self._socket.send(pid)
        code: int | None = self._socket.recv()
        return code

    def await_end(self, pid: int, seconds: float) -> int | None:
        """Wait until a command has ended; None if it has not in time."""
        deadline = time.monotonic() + seconds
        while (code := self.code_of(pid)) is None and time.monotonic() < deadline:
            time.sleep(0.02)
        return code


class ForkedNursery:
    """Stands where `subprocess.Popen` starts the process of the extractor: a fork of this one, which has it already."""

    def __init__(self, _: Sequence[str], *, pass_fds: Sequence[int], stdin: int) -> None:  # noqa: ARG002 - as it is called
        (handle,) = pass_fds
        self.pid = os.fork()
        if self.pid == 0:
            _be_nursery(handle)

    def wait(self) -> int:
        """Wait until it has ended."""
        return os.waitpid(self.pid, 0)[1]


_loaded: dict[str, SpanReader | Extractor] = {}


def _be_nursery(handle: int) -> NoReturn:
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_IGN)
        # Else the fork holds the other end of its own socket, and never sees that its parent is gone.
        os.closerange(3, handle)
        os.closerange(handle + 1, 1 << 12)
        with suppress(OSError), Connection(handle) as control:
            control.send(pipeline_of(_loaded["guarded"]))
            nursery._fork_on_demand(control, _loaded["guarded"])
    finally:
        os._exit(0)


def _read_or_die(extractor: Extractor, note: LedgerNote, run_id: str) -> tuple[Extraction | Failure, int]:
    if POISON in note.text:
        os.kill(os.getpid(), signal.SIGKILL)
    return _read_note(extractor, note, run_id)


_read_note = shards.read_note


def _prepare(vocabulary: Path) -> None:
    for package in (hctap_etl, hctap_stores):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__") and ".migrations." not in module.name:
                importlib.import_module(module.name)
    reader = load_extractor("rules", vocabulary)
    _loaded["plain"], _loaded["guarded"] = reader, guard(reader, PhiPolicy.REPORT)
    boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    plan.MIN_SHARD_BYTES = _SHARD_BYTES  # type: ignore[misc]
    shards.read_note = _read_or_die
    subprocess.Popen = ForkedNursery  # type: ignore[assignment, misc]
    Program.load_extractor = lambda *_, **__: reader  # type: ignore[method-assign]
    gc.collect()
    gc.freeze()


def _be_command(arguments: list[str], environment: dict[str, str], log: str) -> NoReturn:
    status = 1
    try:
        # A session of its own: whoever kills the command can find what it has started.
        os.setsid()
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["hctap-etl", *arguments]
        command_line.main()
    except SystemExit as end:
        status = int(end.code or 0) if isinstance(end.code, int | None) else 1
    except BaseException as error:  # noqa: BLE001 - as the interpreter would end
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _serve(control: "Connection[Any, Any]") -> None:
    codes: dict[int, int] = {}
    while True:
        try:
            asked = control.recv()
        except EOFError:
            return
        if isinstance(asked, int):
            if asked not in codes:
                pid, status = os.waitpid(asked, os.WNOHANG)
                if pid:
                    codes[asked] = os.waitstatus_to_exitcode(status)
            control.send(codes.get(asked))
            continue
        pid = os.fork()
        if pid == 0:
            control.close()
            _be_command(*asked)
        control.send(pid)


def main(arguments: list[str]) -> None:
    """Load everything, and fork a command for whoever asks, until nobody does any more."""
    _prepare(Path(arguments[1]))
    with Connection(int(arguments[0])) as control:
        _serve(control)


if __name__ == "__main__":
    main(sys.argv[1:])
