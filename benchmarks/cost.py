"""What a million notes cost: measured CPU-seconds at list prices, beside what cloud services ask for the same text."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict

from hctap_core.errors import BadInput
from hctap_core.sources.files import find_files, read_file
from hctap_embedded.stack import Stack

MILLION: Final = 1_000_000
HOUR: Final = 3600
_PROGRAM: Final = (sys.executable, "-m", "hctap_etl")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fargate(_Record):
    """The prices of a task by the hour; `spot_saves` is a share."""

    region: str
    vcpu_hour: float
    gb_hour: float
    gb_a_vcpu: float
    spot_saves: float
    read: date
    source: str

    @property
    def vcpu_second(self) -> float:
        """What a second of one vCPU with its memory costs."""
        return (self.vcpu_hour + self.gb_a_vcpu * self.gb_hour) / HOUR


# YAML 1.1 reads digits with underscores as a number, JSON-minded readers as text.
Count = Annotated[int | None, BeforeValidator(lambda value: int(str(value).replace("_", "")) if value else None)]


class Band(_Record):
    """A stretch of a month's characters and what each million of them costs; the last has no end."""

    up_to: Count = None
    million: float


class Service(_Record):
    """A cloud service, priced by characters."""

    name: str
    read: date
    source: str
    bands: tuple[Band, ...]
    remark: str = ""

    def price(self, characters: float) -> float:
        """What so many characters cost within a month."""
        total, begin = 0.0, 0.0
        for band in self.bands:
            end = characters if band.up_to is None else min(characters, band.up_to)
            total += max(0.0, end - begin) / MILLION * band.million
            begin = max(begin, end)
        return total


class Prices(_Record):
    """All prices."""

    fargate: Fargate
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command took: seconds of CPU, of the clock, and the memory of its largest process."""

    cpu_seconds: float
    wall_seconds: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Measured:
    """An import and a run over distinct notes, by one extractor."""

    extractor: str
    notes: int
    characters: int
    entities: int
    imported: Spent
    ran: Spent

    @property
    def cpu_seconds(self) -> float:
        """CPU-seconds of import and run together."""
        return self.imported.cpu_seconds + self.ran.cpu_seconds


def read_prices(path: Path) -> Prices:
    """The prices of a file."""
    return Prices.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def measure(notes: Path, extractors: list[str], most: int, vocabulary: Path) -> list[Measured]:
    """Import notes and run over them, on stores of this measurement's own, once for each extractor.

    `vocabulary` is the folder with the compiled vocabulary, which is made once for a release and not measured.
    """
    with tempfile.TemporaryDirectory(prefix="hctap-cost-") as folder:
        source = Path(folder) / "notes.jsonl"
        characters = write_distinct(notes, source, most)
        measured = []
        for extractor in extractors:
            home = Path(folder) / extractor
            shutil.copytree(vocabulary, home / "vocabulary")
            measured.append(_measure(home, source, extractor, characters))
        return measured


def write_distinct(notes: Path, source: Path, most: int, *, is_filled: bool = False) -> list[int]:
    """Notes with a line of their own at the end, so that none is spared as a duplicate; gives their lengths.

    Where it is to be filled, notes are repeated until there are as many as asked for.
    """
    lengths: list[int] = []
    with source.open("w", encoding="utf-8") as out:
        for text in cycle(_texts(notes)) if is_filled else _texts(notes):
            number = len(lengths)
            if number == most:
                break
            whole = f"{text}\nRecord {number}."
            out.write(json.dumps({"note_id": f"n{number:07d}", "specialty": "Unknown", "text": whole}) + "\n")
            lengths.append(len(whole))
    if not lengths:
        raise BadInput("There are no notes to measure with.", remedy="Name a file or folder of notes.")
    return lengths


def _texts(notes: Path) -> Iterator[str]:
    if notes.suffix in {".jsonl", ".ndjson"}:
        # Any lines with texts will do, also such as no lake would take.
        with notes.open(encoding="utf-8") as lines:
            yield from (json.loads(line)["text"] for line in lines if line.strip())
        return
    for file in find_files([notes]):
        for record in read_file(file):
            if record.note:
                yield record.note.text


def _measure(home: Path, source: Path, extractor: str, lengths: list[int]) -> Measured:
    stack = Stack(home)
    stack.up()
    try:
        environment = {**os.environ, **stack.addresses().environment(), "HCTAP_HOME": str(home)}
        _spend(environment, "db", "upgrade")
        imported = _spend(environment, "import", str(source))
        # One process, so that every second of CPU is the measured process's own.
        ran = _spend(environment, "run", "--extractor", extractor, "--run-id", "COST", "--workers", "0")
        exported = subprocess.run(
            [sys.executable, "-m", "hctap_etl", "runs", "export", "COST"],
            env=environment,
            check=True,
            capture_output=True,
        )
        entities = exported.stdout.count(b"\n")
    finally:
        stack.erase()
    return Measured(extractor, len(lengths), sum(lengths), entities, imported, ran)


def _spend(environment: dict[str, str], *arguments: str) -> Spent:
    begun = time.monotonic()
    command = [*_PROGRAM, *arguments]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        said = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BadInput(f"hctap-etl {arguments[0]} ended with {process.returncode}: {said.decode()[-400:]}")
    # Linux counts kilobytes, macOS bytes.
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    return Spent(usage.ru_utime + usage.ru_stime, time.monotonic() - begun, usage.ru_maxrss / unit)
