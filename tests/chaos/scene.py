"""One run at a place of its own: begun in one of three ways, struck at a random moment, and resumed."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Final

import psutil
from tests.chaos.ground import Ground, Place
from tests.chaos.proxy import Proxy

from hctap_core.runs import RunStatus
from hctap_stores.database import runs
from hctap_stores.database.connection import Database

RUN: Final = ("run", "--run-id", "R", "--extractor", "rules")
WORK: Final = ("worker", "--extractor", "rules", "--workers", "1", "--once")
# Notes are in quarantine in each lake.
_DONE: Final = 3
_PATIENCE_SECONDS: Final = 60.0
# Where in the traffic of a calm run a strike may fall: the last bytes of a queue are those of waiting for its end.
_REACH: Final = 0.95

Action = Callable[[], None]


class Mode(StrEnum):
    """Who works: one process, a process with a pool, or two workers that take jobs from the queue."""

    ALONE = "alone"
    POOL = "pool"
    QUEUE = "queue"


@dataclass
class Scene:
    """What happens to one run; `trouble` is what should not have."""

    ground: Ground
    place: Place
    mode: Mode
    source: Random
    pids: list[int] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    struck_at: float | None = None
    _later: list[tuple[float, Callable[[], bool | None]]] = field(default_factory=list)

    @property
    def log(self) -> Path:
        """What the commands have said."""
        return self.ground.folder / f"{self.place.name}.log"

    def prepare(self) -> None:
        """What comes before the work that is to be disturbed."""
        if self.mode is Mode.QUEUE:
            code = self._command(*RUN, "--queue")
            if code != 0:
                self.trouble.append(f"the queue was not filled: {code}")

    def begin(self) -> None:
        """Start who works on the run."""
        commands: dict[Mode, list[tuple[str, ...]]] = {
            Mode.ALONE: [(*RUN, "--workers", "0")],
            Mode.POOL: [(*RUN, "--workers", "2")],
            Mode.QUEUE: [WORK, WORK],
        }
        self.pids += [self._start(*command) for command in commands[self.mode]]

    def add_worker(self) -> None:
        """Start one more worker, as whoever replaces a lost one does."""
        self.pids.append(self._start(*WORK))

    def strike(self, action: Action, proxy: Proxy | None = None) -> None:
        """Do something when a random share of a calm run's traffic has passed a proxy, one of both unless given."""
        chosen = proxy or self.source.choice((self.ground.database, self.ground.s3))
        total = self.ground.traffic[self.mode][chosen is self.ground.s3]

        def act() -> None:
            self.struck_at = time.monotonic()
            action()

        chosen.at(int(total * _REACH * self.source.random()), act)

    def later(self, seconds: float, action: Callable[[], bool | None]) -> None:
        """Do something so long after the strike; again and again while it says False, until the commands have ended."""
        self._later.append((seconds, action))

    def watch(self) -> None:
        """Wait until all commands have ended, and do what is due meanwhile; what is left to do is done then."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while living := [pid for pid in self.pids if self.ground.nest.code_of(pid) is None]:
            if time.monotonic() > deadline:
                self.trouble.append("commands hang")
                for pid in living:
                    self.kill(pid)
                break
            self._do_what_is_due()
            time.sleep(0.02)
        if self.struck_at is not None:
            for _, action in self._later:
                action()
        self.ground.database.heal()
        self.ground.s3.heal()
        self._judge_commands()

    def resume(self) -> None:
        """Complete the run: by the command that does so, or by a new worker."""
        by_worker = self.mode is Mode.QUEUE and self.source.random() < 0.5 and self.status() in {"queued", "running"}
        if by_worker:
            code = self._command(*WORK)
            if code != 0:
                self.trouble.append(f"the worker that resumes ended with {code}")
        else:
            code = self._command(*RUN, "--resume", "--workers", "0")
            if code != _DONE:
                self.trouble.append(f"the run that resumes ended with {code}")

    def status(self) -> str:
        """The run's status, empty if there is none."""
        with Database(self.place.database_url) as database:
            found = runs.list_runs(database)
        return str(found[0].run.status) if found else ""

    def is_published(self) -> bool:
        """Whether the run is finished and its manifest written."""
        with Database(self.place.database_url) as database:
            found = runs.list_runs(database)
        return bool(found) and found[0].is_published and found[0].run.status is RunStatus.PARTIAL

    def workers(self) -> list[psutil.Process]:
        """The processes that extract: children of the extractor's process, which is a child of the command."""
        found = []
        for pid in self.pids:
            with suppress(psutil.Error):
                found += [child for child in psutil.Process(pid).children(recursive=True) if child.ppid() != pid]
        return found

    def kill(self, pid: int, number: int = signal.SIGKILL) -> None:
        """Send a signal, whether the process still lives or not."""
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    def clear(self) -> None:
        """End what still lives."""
        for pid in self.pids:
            if self.ground.nest.code_of(pid) is None:
                self.kill(pid, signal.SIGCONT)
                self.kill(pid)

    def _do_what_is_due(self) -> None:
        if self.struck_at is None:
            return
        passed = time.monotonic() - self.struck_at
        for due in [item for item in self._later if item[0] <= passed]:
            if due[1]() is not False:
                self._later.remove(due)

    def _judge_commands(self) -> None:
        codes = [self.ground.nest.await_end(pid, 10) for pid in self.pids]
        if not self.log.exists():
            # The first thing that a command does is to open it.
            self.trouble.append(f"commands ended with {codes} and without a log")
            return
        said = self.log.read_text(encoding="utf-8", errors="replace")
        if "fault of the program" in said or any(code in (1, 2, None) for code in codes):
            last = [line for line in said.splitlines() if line.startswith("error:")]
            self.trouble.append(f"commands ended with {codes}: {' '.join(last)[:200]}")

    def _start(self, *arguments: str) -> int:
        return self.ground.nest.start(arguments, self.ground.settings(self.place), self.log)

    def _command(self, *arguments: str) -> int | None:
        pid = self._start(*arguments)
        code = self.ground.nest.await_end(pid, _PATIENCE_SECONDS)
        if code is None:
            self.kill(pid)
        return code
