"""What a stack remembers of itself in `<home>/stack.json`: its ports and its processes."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from hctap_embedded.files import write_whole

STACK_JSON = "stack.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class ProcessRecord:
    """One started process; `created` is its start in seconds since the epoch, so that a recycled pid is not it.

    `inputs` says what it was started with: a digest of the addresses it was given.
    """

    pid: int
    created: float
    inputs: str = ""


@dataclass(frozen=True)
class StackRecord:
    """The ports given to the parts and the processes that were started, by part."""

    ports: Mapping[str, int] = field(default_factory=dict)
    processes: Mapping[str, ProcessRecord] = field(default_factory=dict)

    def with_port(self, part: str, port: int) -> "StackRecord":
        """The same record with another port for `part`."""
        return replace(self, ports={**self.ports, part: port})

    def with_process(self, part: str, process: ProcessRecord | None) -> "StackRecord":
        """The same record with another process for `part`, or none."""
        others = {name: kept for name, kept in self.processes.items() if name != part}
        return replace(self, processes=others if process is None else {**others, part: process})


def read_record(home: Path) -> StackRecord:
    """The home's record; an empty one if there is none or it is broken: all that it says can be found again."""
    try:
        content = json.loads((home / STACK_JSON).read_text(encoding="utf-8"))
        return StackRecord(
            ports={str(part): int(port) for part, port in content["ports"].items()},
            processes={str(part): ProcessRecord(**process) for part, process in content["processes"].items()},
        )
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return StackRecord()


def write_record(home: Path, record: StackRecord) -> None:
    """Keep the record for the next command."""
    content = {"schema_version": SCHEMA_VERSION, **asdict(record)}
    write_whole(home / STACK_JSON, json.dumps(content, indent=1, sort_keys=True) + "\n")


class RecordKeeper:
    """The record of a home while a command works on it: each change is on disk before the next step is taken."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.RLock()
        self.record = read_record(home)

    def set_process(self, part: str, process: ProcessRecord | None) -> None:
        """Remember that `part` is now this process, or none."""
        with self._lock:
            self._keep(self.record.with_process(part, process))

    def choose_port(self, part: str, choose: Callable[[StackRecord], int]) -> int:
        """Give `part` the port that `choose` finds, while no other part can choose."""
        with self._lock:
            port = choose(self.record)
            self._keep(self.record.with_port(part, port))
            return port

    def _keep(self, record: StackRecord) -> None:
        if record != self.record:
            write_record(self._home, record)
            self.record = record
