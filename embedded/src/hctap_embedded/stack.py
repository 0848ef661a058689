"""The stack: PostgreSQL, Valkey, S3, and the programs on top, as processes that a later command finds again."""

import logging
import shutil
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hctap_core.errors import StorePartUnavailable
from hctap_core.home import STACK_ENV
from hctap_embedded.addresses import Addresses
from hctap_embedded.credentials import CREDENTIALS, ensure_credentials
from hctap_embedded.faults import explained
from hctap_embedded.files import sweep, write_whole
from hctap_embedded.locks import locked
from hctap_embedded.part import Part, Site
from hctap_embedded.postgres import POSTGRES
from hctap_embedded.processes import find_process, find_strays, measure_memory, stop_processes
from hctap_embedded.programs import API, DASHBOARD, WORKER
from hctap_embedded.records import STACK_JSON, RecordKeeper, read_record
from hctap_embedded.s3 import S3
from hctap_embedded.starter import Event, Listener, Starter
from hctap_embedded.valkey import VALKEY

log = logging.getLogger(__name__)

PARTS: Mapping[str, Part] = {part.name: part for part in (POSTGRES, VALKEY, S3, API, WORKER, DASHBOARD)}
STORES = tuple(part.name for part in PARTS.values() if part.is_store)

# What a stack keeps in its home.
_FOLDERS = ("postgres", "valkey", "s3", "logs", "run")
_FILES = (STACK_ENV, STACK_JSON, CREDENTIALS, "lock")

_ROOM_FOR_NEW_BYTES = 256 << 20

State = Literal["running", "not answering", "stopped"]


@dataclass(frozen=True)
class PartStatus:
    """What one part does now; `since` is its start in seconds since the epoch."""

    name: str
    title: str
    state: State
    address: str | None = None
    pid: int | None = None
    since: float | None = None
    memory_bytes: int | None = None


class Stack:
    """The stack that keeps its data, secrets and record under `home`.

    All methods may be called at any time and from several processes: a lock in the home puts them in order.
    `first_ports` are tried first for a part that has no port yet; on `wanted_ports` the caller insists.
    `environ` is what the programs inherit; the stores get none of it but the paths.
    `listen` is told what became of each part as soon as it is known, from several threads.
    """

    def __init__(
        self,
        home: Path,
        *,
        parts: Mapping[str, Part] = PARTS,
        first_ports: Mapping[str, int] | None = None,
        wanted_ports: Mapping[str, int] | None = None,
        environ: Mapping[str, str] | None = None,
        listen: Listener | None = None,
    ) -> None:
        self.home = home.expanduser().resolve()
        self._parts = parts
        self._first_ports = first_ports or {}
        self._wanted_ports = wanted_ports or {}
        self._environ = environ or {}
        self._listen = listen or (lambda _: None)

    def up(self, parts: Collection[str] = STORES) -> Addresses:
        """Start those of `parts` that do not serve yet, write `stack.env`, and say where everything answers.

        Raises:
            StorePartUnavailable: a part cannot be started; those that can are, and stay.
        """
        asked = [part for part in self._parts.values() if part.name in parts]
        with explained("The stack", self.home):
            self._make_home()
        with explained("The stack", self.home), locked(self.home / "lock"):
            sweep(self.home)
            starter = self._starter()
            for part in self._parts.values():
                if part.is_store and part.name not in starter.keeper.record.ports:
                    starter.settle_port(part)
            _run_together(starter.start, starter.find_idle([part for part in asked if part.is_store]))
            programs = starter.find_idle([part for part in asked if not part.is_store])
            starter.make_way(programs)
            _run_together(starter.start, programs)
            # Whatever has got another port by now, the programs that were told the old one must know.
            _run_together(starter.start, [part for part in self._parts.values() if starter.is_outdated(part)])
            return self._publish(starter.site().addresses())

    def down(self) -> list[str]:
        """Stop everything, programs before stores, and say which parts were stopped; the data stay."""
        if not self.home.is_dir():
            return []
        with explained("The stack", self.home), locked(self.home / "lock"):
            keeper = RecordKeeper(self.home)
            stopped: list[str] = []
            for stage in sorted({part.stage for part in self._parts.values()}, reverse=True):
                members = [part for part in self._parts.values() if part.stage == stage]
                _run_together(lambda part: self._stop(part, keeper, stopped), members)
            return [part.name for part in self._parts.values() if part.name in stopped]

    def erase(self) -> None:
        """Stop everything and delete the data, secrets, logs and record, as a test session does at its end."""
        self.down()
        data = self.home / "postgres"
        if data.is_symlink():
            # PostgreSQL had to keep its data elsewhere, in a folder made for this home.
            shutil.rmtree(data.resolve().parent, ignore_errors=True)
            data.unlink()
        for folder in _FOLDERS:
            shutil.rmtree(self.home / folder, ignore_errors=True)
        for file in _FILES:
            (self.home / file).unlink(missing_ok=True)
        with suppress(OSError):
            # Only if nothing else has its place there.
            self.home.rmdir()

    def status(self) -> list[PartStatus]:
        """What each part does now; nothing is started, changed or waited for."""
        record = read_record(self.home)
        if not record.ports:
            return [PartStatus(part.name, part.title, "stopped") for part in self._parts.values()]
        site = Site(self.home, ensure_credentials(self.home), record.ports, self._environ)
        return [self._status(part, site) for part in self._parts.values()]

    def addresses(self) -> Addresses:
        """Where the parts answer when they run.

        Raises:
            StorePartUnavailable: this stack was never started.
        """
        record = read_record(self.home)
        if not set(STORES) <= set(record.ports):
            raise StorePartUnavailable(f"There is no stack in {self.home} yet.", remedy="Start it with `make up`.")
        return Site(self.home, ensure_credentials(self.home), record.ports, self._environ).addresses()

    def _starter(self) -> Starter:
        credentials, keeper = ensure_credentials(self.home), RecordKeeper(self.home)
        wishes = (self._first_ports, self._wanted_ports)
        return Starter(self.home, credentials, keeper, self._environ, *wishes, self._listen)

    def _make_home(self) -> None:
        if sys.platform not in {"linux", "darwin"}:
            raise StorePartUnavailable(
                f"The embedded stack does not run on {sys.platform}.", remedy="Use Linux, macOS, WSL or docker compose."
            )
        for folder in (self.home, self.home / "logs", self.home / "run"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.home.stat().st_mode & 0o077:
            self.home.chmod(0o700)
        if not (self.home / "postgres").exists():
            self._require_room()

    def _publish(self, addresses: Addresses) -> Addresses:
        path = self.home / STACK_ENV
        if not path.exists() or path.read_text(encoding="utf-8") != addresses.lines():
            write_whole(path, addresses.lines())
        return addresses

    def _require_room(self) -> None:
        free = shutil.disk_usage(self.home).free
        if free < _ROOM_FOR_NEW_BYTES:
            raise StorePartUnavailable(
                f"The disk of {self.home} has {free >> 20} MB left; a new stack needs {_ROOM_FOR_NEW_BYTES >> 20} MB.",
                remedy="Free some space, or set HCTAP_HOME to a folder on another disk.",
            )

    def _stop(self, part: Part, keeper: RecordKeeper, stopped: list[str]) -> None:
        begun = time.monotonic()
        marks = part.marks(self.home)
        recorded = find_process(keeper.record.processes.get(part.name), marks)
        living = {process.pid: process for process in (recorded, *find_strays(marks)) if process is not None}
        stop_processes(list(living.values()), part.stop_signal, part.stop_seconds)
        keeper.set_process(part.name, None)
        if living:
            stopped.append(part.name)
            log.info("part_stopped", extra={"part": part.name})
            self._listen(Event(part, "stopped", "", time.monotonic() - begun))

    def _status(self, part: Part, site: Site) -> PartStatus:
        record = read_record(self.home)
        process = find_process(record.processes.get(part.name), part.marks(self.home))
        port = record.ports.get(part.name)
        if process is None or port is None:
            return PartStatus(part.name, part.title, "stopped")
        return PartStatus(
            part.name,
            part.title,
            "running" if part.is_ready(site) else "not answering",
            part.address(port),
            process.pid,
            record.processes[part.name].created,
            measure_memory(process),
        )


def _run_together(action: Callable[[Part], None], parts: Sequence[Part]) -> None:
    """Do it for all parts at once; the first error is raised when all have come to their end."""
    if len(parts) < 2:  # noqa: PLR2004 - one part needs no thread
        for part in parts:
            action(part)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(parts)) as pool:
        futures = [pool.submit(action, part) for part in parts]
    for future in futures:
        future.result()
