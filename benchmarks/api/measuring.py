"""The API measured over copies of the samples, each figure beside a bare FastAPI route of the same minute."""

import json
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import httpx
import psutil

from benchmarks.api.calls import Call, Load, Outcome, make_call, send_load, time_in_turns
from benchmarks.api.material import Material
from hctap_core.errors import BadInput
from hctap_embedded.ports import free_ports
from hctap_nlp.extractors import load_extractor

SEARCH_RATE: Final = 100
# Each answer waits until the disk has its row of the audit: with 16 a quarter of the cores stood idle meanwhile.
CONNECTIONS: Final = 32
# On two cores the bare route is answered at one of two speeds for seconds at a time, probably as the system puts it and
# its client on one core or on two: the mean of many short turns has both, where the median of few has either.
_TURN_SECONDS: Final = 1.0
_START_SECONDS: Final = 180
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Servers:
    """The ports of the API and of the bare route, the API's process, and a key for it."""

    api: int
    bare: int
    process: psutil.Process
    key: str


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds: the middle, and what 99 of 100 stay below."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was measured."""

    bare_rate: float
    note_rate: float
    note_ratio: float
    search: Times
    deep_search: Times
    engine_ms: float
    extract_ms: float
    extract_ratio: float
    mixed_answers: int
    mixed_seconds: float
    errors: dict[str, int]
    memory_begin_mb: float
    memory_end_mb: float


class _Caller:
    """Sends loads from a process of its own, and counts what went wrong in all of them."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self.errors: dict[str, int] = {}

    def send(self, port: int, calls: Sequence[Call], seconds: float, rate: float | None = None) -> Outcome:
        outcome = self._executor.submit(send_load, Load(port, calls, CONNECTIONS, seconds, rate)).result()
        for name, count in outcome.errors.items():
            self.errors[name] = self.errors.get(name, 0) + count
        return outcome


def measure(
    servers: Servers, material: Material, *, rounds: int, seconds: float, duration: float, home: Path
) -> Figures:
    """Every figure; `seconds` is the length of a round, `duration` that of the mixed load."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        caller = _Caller(executor)
        notes = [make_call("note", "GET", f"/v1/notes/{note_id}", servers.key) for note_id in material.note_ids]
        bare = [make_call("bare", "GET", "/bare", servers.key)]
        caller.send(servers.api, notes, seconds)
        pairs = [
            (caller.send(servers.bare, bare, _TURN_SECONDS).rate, caller.send(servers.api, notes, _TURN_SECONDS).rate)
            for _ in range(round(rounds * seconds / _TURN_SECONDS))
        ]
        first, deep = (_search_calls(found, servers.key) for found in (material.searches, material.deep_searches))
        caller.send(servers.api, [*first, *deep], seconds, SEARCH_RATE)
        searched = caller.send(servers.api, first, rounds * seconds, SEARCH_RATE)
        searched_deep = caller.send(servers.api, deep, rounds * seconds, SEARCH_RATE)
        engine, extract, extract_ratio = _time_extraction(servers, material.text, home, rounds)
        mixed = [*notes[:200], *first * 8, *deep * 8, *_other_calls(servers.key, material.text)]
        random.Random(0).shuffle(mixed)  # noqa: S311 - the same order each time
        # Caches and connections have their size after the first tenth.
        caller.send(servers.api, mixed, duration / 10)
        begin = servers.process.memory_info().rss
        load = caller.send(servers.api, mixed, duration)
        end = servers.process.memory_info().rss
    return Figures(
        bare_rate=statistics.mean(one for one, _ in pairs),
        note_rate=statistics.mean(one for _, one in pairs),
        note_ratio=statistics.mean(one for _, one in pairs) / statistics.mean(bare for bare, _ in pairs),
        search=_times(searched),
        deep_search=_times(searched_deep),
        engine_ms=engine,
        extract_ms=extract,
        extract_ratio=extract_ratio,
        mixed_answers=load.answers,
        mixed_seconds=load.seconds,
        errors=caller.errors,
        memory_begin_mb=begin / _MIB,
        memory_end_mb=end / _MIB,
    )


@contextmanager
def serve(environment: dict[str, str], folder: Path) -> Iterator[Servers]:
    """The API with keys, limits and audit on, and the bare route beside it; both end with the block."""
    api, bare = islice(free_ports(folder, (), ()), 2)
    settings = {"HCTAP_API_OPEN": "0", "HCTAP_API_PORT": str(api), "HCTAP_API_REQUESTS_PER_MINUTE": "5000000"}
    environment = {**os.environ, **environment, **settings}
    made = ["keys", "create", "--name", "bench", "--role", "admin", "--days", "1"]
    said = subprocess.run(
        [sys.executable, "-m", "hctap_api", *made], env=environment, check=True, capture_output=True, text=True
    ).stdout
    key = next(word for word in said.split() if word.startswith("hctap_"))
    with (folder / "api.log").open("wb") as log:
        started = [
            subprocess.Popen([sys.executable, "-m", *command], env=environment, stdout=log, stderr=log)
            for command in (("hctap_api",), ("benchmarks.api.bare", str(bare)))
        ]
        try:
            _wait(f"http://127.0.0.1:{api}/ready", started[0])
            _wait(f"http://127.0.0.1:{bare}/bare", started[1])
            yield Servers(api, bare, psutil.Process(started[0].pid), key)
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(30)


def _time_extraction(servers: Servers, text: str, home: Path, rounds: int) -> tuple[float, float, float]:
    """Milliseconds of the engine in this process, to its record, of the API over one connection, and their ratio.

    They take turns text by text, as a core's speed changes within a second: the ratio is the middle one of all pairs.
    """
    extractor = load_extractor("hybrid", home / "vocabulary")
    call = make_call("extract", "POST", "/v1/extract", servers.key, json.dumps({"text": text, "id": "bench"}).encode())
    own, asked = time_in_turns(servers.api, call, lambda: extractor.extract(text).record("bench"), 40 * rounds)
    ratio = statistics.median(one / alone for alone, one in zip(own, asked, strict=True))
    return 1000 * statistics.median(own), 1000 * statistics.median(asked), ratio


def _search_calls(bodies: Sequence[bytes], key: str) -> list[Call]:
    return [make_call("search", "POST", "/v1/entities/search", key, body) for body in bodies]


def _other_calls(key: str, text: str) -> list[Call]:
    gets = ["/health", "/v1/notes?limit=20", "/v1/runs", "/v1/runs/latest", "/stats/latest", "/v1/vocabulary"]
    calls = [make_call(path, "GET", path, key) for path in gets]
    extract = json.dumps({"text": text, "id": "mixed"}).encode()
    return [*calls * 5, *[make_call("extract", "POST", "/v1/extract", key, extract)] * 10]


def _times(outcome: Outcome) -> Times:
    times = sorted(one for found in outcome.times.values() for one in found)
    return Times(1000 * times[len(times) // 2], 1000 * times[min(len(times) - 1, len(times) * 99 // 100)])


def _wait(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise BadInput(f"{url} was not ready in time.", remedy="Its log is api.log in the bench's home.")
