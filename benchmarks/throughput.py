"""How fast notes go from lake to lake and database, beside what the engine alone does with them in the same run."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import psutil
import psycopg

from benchmarks.cost import write_distinct
from hctap_core.errors import BadInput
from hctap_embedded.stack import Stack
from hctap_nlp.extractors import load_extractor

_PROGRAM: Final = (sys.executable, "-m", "hctap_etl")
# A look takes 9 ms of a core that the measured work has otherwise. What is short is looked at more often, since what a
# process does after the last look is not seen.
_LOOK_SHARE: Final = 0.05
_LEAST_SECONDS, _MOST_SECONDS = 0.1, 0.5
_WORKING: Final = """
SELECT coalesce(extract(epoch FROM max(s.finished_at) - min(s.finished_at - duration_us * interval '1 us')), 0)
FROM run_shards s JOIN runs USING (run_no) WHERE run_id = %s AND duration_us IS NOT NULL
"""
# What the processes of a measurement are, by the part of the stack or by the command that they descend from.
POSTGRES, S3, ETL, ENGINE = "postgres", "s3", "etl", "engine"


@dataclass(frozen=True, slots=True)
class Passed:
    """One way of so many notes, with so many workers: seconds of the clock, and CPU-seconds by group of processes.

    Of the seconds, `working` are those from the begin of the first shard to the commit of the last one.
    """

    workers: int
    seconds: float
    cpu: dict[str, float] = field(default_factory=dict)
    working: float = 0.0

    @property
    def cpu_seconds(self) -> float:
        """The CPU-seconds of all groups."""
        return sum(self.cpu.values())


@dataclass(frozen=True, slots=True)
class Throughput:
    """The engine alone and the whole way for each number of workers, and a second run of unchanged notes.

    `load` is the machine's load average over a minute when the measurement began.
    """

    notes: int
    characters: int
    import_seconds: float
    engine: tuple[Passed, ...]
    whole: tuple[Passed, ...]
    again: Passed
    load: float

    @property
    def ratios(self) -> tuple[float, ...]:
        """What share of the engine's own speed the whole way has, for each number of workers."""
        return tuple(alone.seconds / way.seconds for alone, way in zip(self.engine, self.whole, strict=True))

    @property
    def ratio(self) -> float:
        """The smallest of the ratios."""
        return min(self.ratios)

    @property
    def scaling(self) -> float:
        """How many times faster the whole way is with the most workers than with the fewest."""
        return self.whole[0].seconds / self.whole[-1].seconds

    @property
    def incremental(self) -> float:
        """What share of the time of the fastest run a second run of unchanged notes takes."""
        return self.again.seconds / self.whole[-1].seconds

    @property
    def ratio_by_cpu(self) -> float:
        """The smallest share of the engine's CPU-seconds in those of the whole way."""
        return min(a.cpu_seconds / way.cpu_seconds for a, way in zip(self.engine, self.whole, strict=True))

    @property
    def incremental_by_cpu(self) -> float:
        """What share of the CPU-seconds of the run before it a second run of unchanged notes takes."""
        return self.again.cpu_seconds / self.whole[-1].cpu_seconds


def measure(notes: Path, most: int, vocabulary: Path, workers: Sequence[int] = (1, 2)) -> Throughput:
    """Time engine and whole way over so many distinct notes, packed, by the rules, on stores of the measurement's own.

    The engine is timed before the whole way and after it, since a machine is not always as fast. `vocabulary` is the
    folder with the compiled vocabulary, which is made once for a release and not measured.
    """
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="hctap-etl-") as folder:
        source = Path(folder) / "notes.jsonl"
        lengths = write_distinct(notes, source, most, is_filled=True)
        engine, whole, imports, again = [], [], [], Passed(0, 0.0)
        for count in workers:
            before = time_engine(source, vocabulary, count)
            # Stores of its own each time: what one run has read and written spares and burdens no other.
            with _stores(Path(folder) / f"home-{count}", vocabulary) as bench:
                imports.append(bench.run(0, "import", "--pack", "--phi", "off", str(source)).seconds)
                whole.append(bench.run_notes(count, f"RUN-{count}", "--new"))
                if count == workers[-1]:
                    again = bench.run_notes(count, "AGAIN", "--new", "--incremental")
            engine.append(_mean(before, time_engine(source, vocabulary, count)))
    return Throughput(len(lengths), sum(lengths), min(imports), tuple(engine), tuple(whole), again, load)


@contextmanager
def _stores(home: Path, vocabulary: Path) -> "Iterator[_Bench]":
    stack = Stack(home)
    stack.home.mkdir()
    (stack.home / "vocabulary").symlink_to(vocabulary.resolve(), target_is_directory=True)
    stack.up(("postgres", "s3"))
    try:
        bench = _Bench(stack)
        bench.run(0, "db", "upgrade")
        yield bench
    finally:
        stack.erase()


def time_engine(source: Path, vocabulary: Path, workers: int) -> Passed:
    """The time in which so many processes extract the notes of a file into records; loaded beforehand, nothing kept."""
    extractor = load_extractor("rules", vocabulary)
    with source.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    extractor.extract(texts[0])
    context = get_context("fork")
    shares = [texts[number::workers] for number in range(workers)]

    def work(share: list[str]) -> None:
        for text in share:
            extraction = extractor.extract(text)
            extraction.entity_records("note", "run")
            extraction.section_records()

    begun, cpu = time.monotonic(), _cpu_of_children()
    processes = [context.Process(target=work, args=(share,)) for share in shares]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return Passed(workers, time.monotonic() - begun, {ENGINE: _cpu_of_children() - cpu})


def _mean(first: Passed, second: Passed) -> Passed:
    cpu = {name: (seconds + second.cpu[name]) / 2 for name, seconds in first.cpu.items()}
    return Passed(first.workers, (first.seconds + second.seconds) / 2, cpu)


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class _Bench:
    """Commands on a stack, watched."""

    def __init__(self, stack: Stack) -> None:
        self._environment = {**os.environ, **stack.addresses().environment(), "HCTAP_HOME": str(stack.home)}
        # Else every command would compile all that it imports; a program that is installed has that done once.
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)
        pids = {status.name: status.pid for status in stack.status() if status.pid}
        self._stores = {name: psutil.Process(pids[name]) for name in (POSTGRES, S3)}

    def run_notes(self, workers: int, run_id: str, *more: str) -> Passed:
        """A run by the rules from the start of its command to its end."""
        command = ("run", run_id, "--extractor", "rules", "--phi", "off", "--workers", str(workers), *more)
        passed = self.run(workers, *command)
        with psycopg.connect(self._environment["HCTAP_DATABASE_URL"]) as connection:
            found = connection.execute(_WORKING, (run_id,)).fetchone()
        return replace(passed, working=float(found[0]) if found else 0.0)

    def run(self, workers: int, *arguments: str) -> Passed:
        """A command of hctap-etl, with the CPU time of its processes and of those of the stores meanwhile."""
        begun = {name: dict(_times(process)) for name, process in self._stores.items()}
        seen: dict[str, dict[tuple[int, float], float]] = {name: {} for name in (POSTGRES, S3, ETL)}
        clock = time.monotonic()
        with subprocess.Popen(
            [*_PROGRAM, *arguments], env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            groups = self._stores | {ETL: psutil.Process(process.pid)}
            while process.poll() is None:
                for name, root in groups.items():
                    seen[name].update(_times(root))
                pause = (time.monotonic() - clock) * _LOOK_SHARE
                with suppress(subprocess.TimeoutExpired):
                    process.wait(min(max(pause, _LEAST_SECONDS), _MOST_SECONDS))
            seconds = time.monotonic() - clock
            said = process.stderr.read() if process.stderr else b""
        if process.returncode:
            raise BadInput(f"hctap-etl {arguments[0]} ended with {process.returncode}: {said.decode()[-400:]}")
        for name, root in self._stores.items():
            seen[name].update(_times(root))
        cpu = {
            name: sum(end - begun.get(name, {}).get(key, 0.0) for key, end in times.items())
            for name, times in seen.items()
        }
        return Passed(workers, seconds, cpu)


def _times(root: psutil.Process) -> Iterator[tuple[tuple[int, float], float]]:
    """The CPU-seconds of a process and of all that descend from it, each by its id and its start."""
    try:
        processes = [root, *root.children(recursive=True)]
    except psutil.Error:
        return
    for process in processes:
        try:
            times = process.cpu_times()
            yield (process.pid, process.create_time()), times.user + times.system
        except psutil.Error:
            continue
