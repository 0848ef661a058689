"""One part's way from whatever it is now to serving."""

import hashlib
import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from hctap_core.errors import StorePartUnavailable
from hctap_embedded.credentials import Credentials
from hctap_embedded.faults import explain, explained
from hctap_embedded.files import read_tail
from hctap_embedded.part import Part, Site
from hctap_embedded.ports import free_ports, is_free
from hctap_embedded.processes import (
    find_process,
    find_strays,
    has_ended,
    listens_on,
    start_detached,
    stop_processes,
)
from hctap_embedded.records import ProcessRecord, RecordKeeper, StackRecord

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.01
_PATIENCE_SECONDS = 5.0
_PORT_ATTEMPTS = 8
# A part that has lived so long beside a port that answers is taken for the one that answers.
_UNTOLD_SECONDS = 1.0


@dataclass(frozen=True)
class Event:
    """What became of a part, and where it answers now."""

    part: Part
    what: Literal["started", "already running", "stopped"]
    address: str
    duration_seconds: float = 0.0


Listener = Callable[[Event], None]


@dataclass(frozen=True)
class Starter:
    """What all parts need in order to start: the home with its secrets and record, and what the caller wants."""

    home: Path
    credentials: Credentials
    keeper: RecordKeeper
    environ: Mapping[str, str]
    first_ports: Mapping[str, int]
    wanted_ports: Mapping[str, int]
    listen: Listener

    def site(self) -> Site:
        """The site with the ports as they are now."""
        return Site(self.home, self.credentials, self.keeper.record.ports, self.environ)

    def find_idle(self, parts: Sequence[Part]) -> list[Part]:
        """The parts that have to be started: they do not run, do not answer, or were given addresses that are old."""
        idle = []
        for part in parts:
            if self._serves(part):
                self.listen(Event(part, "already running", self._address(part)))
            else:
                idle.append(part)
        return idle

    def make_way(self, parts: Sequence[Part]) -> None:
        """End what is left of the parts and give each its port, so that each is told where the others will be."""
        for part in parts:
            with explained(part.title, self.home):
                self._clear(part)
        for part in parts:
            # A port that cannot be had is an error of the part's own start, which keeps no other from starting.
            with suppress(StorePartUnavailable):
                self.settle_port(part)

    def start(self, part: Part) -> None:
        """End what is left of the part, and start it.

        Raises:
            StorePartUnavailable: it cannot be started.
        """
        begun = time.monotonic()
        with explained(part.title, self.home):
            self._clear(part)
            self._start(part)
        self.listen(Event(part, "started", self._address(part), time.monotonic() - begun))

    def is_outdated(self, part: Part) -> bool:
        """Whether the part runs with addresses that hold no more."""
        process = self.keeper.record.processes.get(part.name)
        alive = find_process(process, part.marks(self.home)) is not None
        return process is not None and alive and process.inputs != self._digest_inputs(part)

    def settle_port(self, part: Part, refused: Collection[int] = ()) -> int:
        """Give the part a free port and keep it: the one it had if that is still free."""
        return self.keeper.choose_port(part.name, lambda record: next(self._free_ports(part, record, refused)))

    def _address(self, part: Part) -> str:
        return part.address(self.keeper.record.ports[part.name])

    def _serves(self, part: Part) -> bool:
        record = self.keeper.record
        process, port = record.processes.get(part.name), record.ports.get(part.name)
        if process is None or find_process(process, part.marks(self.home)) is None or self.is_outdated(part):
            return False
        if port is None or self.wanted_ports.get(part.name, port) != port:
            return False
        age = time.time() - process.created
        return self._await_ready(part, process, max(_PATIENCE_SECONDS, part.start_seconds - age))

    def _clear(self, part: Part) -> None:
        """End what is left of the part: a process that does not answer, or one that the record has lost."""
        marks = part.marks(self.home)
        recorded = find_process(self.keeper.record.processes.get(part.name), marks)
        left = {process.pid: process for process in (*find_strays(marks), recorded) if process is not None}
        stop_processes(list(left.values()), part.stop_signal, part.stop_seconds)
        self.keeper.set_process(part.name, None)

    def _start(self, part: Part) -> None:
        refused: list[int] = []
        while len(refused) < _PORT_ATTEMPTS:
            port = self.settle_port(part, refused)
            site = self.site()
            launch = part.prepare(site)
            path = site.log(part.name)
            said_before = path.stat().st_size if path.exists() else 0
            process = start_detached(launch.command, launch.environment, path)
            process = replace(process, inputs=self._digest_inputs(part))
            self.keeper.set_process(part.name, process)
            if self._await_ready(part, process, part.start_seconds):
                log.info("part_started", extra={"part": part.name, "pid": process.pid, "port": port})
                return
            self._give_up(part, process, port, read_tail(path, since=said_before), path)
            refused.append(port)
        raise StorePartUnavailable(
            f"{part.title} found {len(refused)} ports free that were taken when it opened them.",
            remedy="Try again when fewer programs start at the same time.",
        )

    def _give_up(self, part: Part, process: ProcessRecord, port: int, output: str, path: Path) -> None:
        """End a part that did not come up; return only if another port may help."""
        ended = has_ended(process)
        lost_port = not listens_on(process, port) and (not is_free(port) or "already in use" in output)
        self._clear(part)
        if lost_port and part.name not in self.wanted_ports:
            log.warning("port_taken", extra={"part": part.name, "port": port})
            return
        what = "ended while it started" if ended else f"did not answer within {part.start_seconds:.0f} s"
        raise explain(part.title, what, output, self.home, path)

    def _await_ready(self, part: Part, process: ProcessRecord, patience_seconds: float) -> bool:
        site = self.site()
        begun = time.monotonic()
        while not has_ended(process):
            waited_seconds = time.monotonic() - begun
            if part.is_ready(site):
                # Another program may have been faster with the port and speak the same protocol.
                is_own = listens_on(process, site.ports[part.name])
                if is_own or (is_own is None and waited_seconds > _UNTOLD_SECONDS):
                    return True
            if waited_seconds > patience_seconds:
                return False
            time.sleep(_PAUSE_SECONDS)
        return False

    def _digest_inputs(self, part: Part) -> str:
        return hashlib.sha256(repr(part.inputs(self.site())).encode()).hexdigest()[:16]

    def _free_ports(self, part: Part, record: StackRecord, refused: Collection[int]) -> Iterator[int]:
        wanted = self.wanted_ports.get(part.name)
        if wanted is not None:
            if not is_free(wanted):
                raise StorePartUnavailable(
                    f"Port {wanted}, which is wanted for {part.title}, is taken by another program.",
                    remedy=f"Set HCTAP_{part.name.upper()}_PORT to a free port, or unset it to have one chosen.",
                )
            yield wanted
        choices = [ports[part.name] for ports in (record.ports, self.first_ports) if part.name in ports]
        others = {port for name, port in record.ports.items() if name != part.name}
        yield from free_ports(self.home, choices, {*others, *refused})
        raise StorePartUnavailable("No port below 32768 is free.", remedy="End some of the programs that listen.")
