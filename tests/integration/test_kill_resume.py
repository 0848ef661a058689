"""kill -9 at any moment of a run, then the run again: the same bytes as if nothing had happened.

`HCTAP_KILLS` says how many random moments are tried (1 by default), `HCTAP_SEED` which.
"""

import dataclasses
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from tests.integration.aftermath import Aftermath, look_at
from tests.integration.conftest import Spawn

from hctap_core.notes import note_from_record
from hctap_core.sources.records import SourceRecord
from hctap_embedded.stack import Stack
from hctap_etl.intake import Intake, IntakeOptions
from hctap_nlp.extractors import Extractor
from hctap_stores.database import revisions, runs
from hctap_stores.database.connection import Database
from hctap_stores.lake.address import LakeAddress
from hctap_stores.lake.lake import Lake

SAMPLES = Path(__file__).parents[2] / "samples"
RUN = ("run", "--run-id", "R", "--extractor", "rules")
NOTES = 500
KILLS = int(os.environ.get("HCTAP_KILLS", "1"))
SEED = int(os.environ.get("HCTAP_SEED", "0")) or random.randrange(1, 1 << 30)  # noqa: S311 - no secret

# Small shards, so that a run has many places to be killed at.
SMALL = "from hctap_stores.database import plan; plan.MIN_SHARD_BYTES = 32 * 1024\n"
KILL = "lambda *_, **__: os.kill(os.getpid(), 9)"
# The program kills itself where a random moment seldom does.
POINTS = {
    "within the plan": (
        "plan._AFTER, execute = (*plan._AFTER[:-1], 'kill'), plan._execute\n"
        "plan._execute = lambda connection, statement, values: (\n"
        "    os.kill(os.getpid(), 9) if statement == 'kill' else execute(connection, statement, values))"
    ),
    "between object and commit": f"from hctap_stores.database import results; results.commit_shard = {KILL}",
    "within a commit": (
        "from hctap_stores.database import results; copy = results.copy_block\n"
        "results.copy_block = lambda connection, table, *more: (\n"
        "    os.kill(os.getpid(), 9) if table == 'run_sections' else copy(connection, table, *more))"
    ),
    "between end and manifest": f"from hctap_etl import finishing; finishing.publish = {KILL}",
    "between manifest and its mark": f"from hctap_stores.database import runs; runs.mark_published = {KILL}",
}


@dataclass(frozen=True)
class Stores:
    """One database and one enriched bucket of their own over the raw bucket that all share."""

    settings: dict[str, str]
    address: LakeAddress

    def look(self) -> Aftermath:
        with Database(self.settings["HCTAP_DATABASE_URL"]) as database:
            return look_at(Lake(self.address), database, "R")

    def status(self) -> str:
        with Database(self.settings["HCTAP_DATABASE_URL"]) as database:
            found = runs.list_runs(database)
            return f"{found[0].run.status} {found[0].is_published}" if found else "no run yet"

    def count_shards(self) -> int:
        """How many shards are done."""
        with Database(self.settings["HCTAP_DATABASE_URL"]) as database, database.transaction() as connection:
            row = connection.execute("SELECT count(*) FROM run_shards WHERE state = 'done'").fetchone()
        return int(row[0]) if row else 0

    def await_run(self) -> float:
        """Wait until the run is known to the database, and say when that was."""
        with Database(self.settings["HCTAP_DATABASE_URL"]) as database:
            while not runs.list_runs(database):
                time.sleep(0.005)
        return time.monotonic()


@pytest.fixture(scope="module")
def raw_address(stack: Stack, extractor: Extractor) -> LakeAddress:
    """A raw bucket with 500 notes, some with the same text, and three objects that are no notes."""
    assert extractor.name == "rules", "its vocabulary is compiled now, so that no run spends its time on that"
    environment = stack.addresses().environment()
    address = LakeAddress(
        "kill-resume-raw",
        "kill-resume-first",
        environment["AWS_ENDPOINT_URL"],
        environment["AWS_DEFAULT_REGION"],
        environment["AWS_ACCESS_KEY_ID"],
        environment["AWS_SECRET_ACCESS_KEY"],
    )
    lake = Lake(address)
    lake.prepare()
    Intake(lake.raw, IntakeOptions(source="test")).take(_records(), lambda _: None)
    for key, data in (("notes/bad.json", b"bad"), ("notes/empty.json", b""), ("0000.json", b"\xff")):
        lake.raw.write(key, data)
    return address


def _records() -> Iterator[SourceRecord]:
    halves = [(SAMPLES / half / "notes.jsonl").read_text(encoding="utf-8") for half in ("dev", "test")]
    texts = [json.loads(line)["text"] for line in "".join(halves).split("\n") if line]
    for number in range(NOTES):
        # A line of its own makes each text another one, but for every tenth, which has that of the one before.
        original = number - (number % 10 == 9)
        text = f"{texts[original % len(texts)]}\n\nVisit {original}."
        note = note_from_record({"note_id": f"n{number:03}", "specialty": "Any", "text": text})
        yield SourceRecord(note.note_id, b"", note)


@pytest.fixture(scope="module")
def new_stores(raw_address: LakeAddress, new_database: Callable[[], str]) -> Callable[[str], Stores]:
    def make(name: str) -> Stores:
        address = dataclasses.replace(raw_address, enriched_bucket=f"kill-resume-{name}")
        Lake(address).prepare()
        url = new_database()
        revisions.upgrade(url)
        names = {"HCTAP_RAW_BUCKET": address.raw_bucket, "HCTAP_ENRICHED_BUCKET": address.enriched_bucket}
        return Stores({"HCTAP_DATABASE_URL": url} | names, address)

    return make


@pytest.fixture
def undisturbed(spawn: Spawn, new_stores: Callable[[str], Stores], known: dict[str, object]) -> tuple[Aftermath, float]:
    """What the run leaves when nothing happens, and how many seconds it takes from the moment that it is known."""
    if not known:
        stores = new_stores("undisturbed")
        process = spawn(*RUN, before=SMALL, more=stores.settings)
        begun = stores.await_run()
        _, printed = process.communicate(timeout=120)
        known["seconds"] = time.monotonic() - begun
        assert process.returncode == 3, printed
        known["aftermath"] = stores.look()
    aftermath, seconds = known["aftermath"], known["seconds"]
    assert isinstance(aftermath, Aftermath)
    assert isinstance(seconds, float)
    return aftermath, seconds


@pytest.fixture(scope="module")
def known() -> dict[str, object]:
    return {}


def test_the_undisturbed_run_is_worth_a_comparison(undisturbed: tuple[Aftermath, float]) -> None:
    aftermath, _ = undisturbed
    counts = aftermath.manifest["counts"]
    assert (counts["notes"], counts["distinct"], counts["duplicates"], counts["quarantined"]) == (503, 450, 50, 3)
    assert len(aftermath.shards) >= 15
    assert aftermath.is_latest
    parts = [part["key"] for part in aftermath.manifest["parts"]]
    assert b"".join(aftermath.objects[key] for key in parts) == aftermath.exported
    products = {part["key"] for part in aftermath.manifest["products"]}
    assert {key.split("/")[0] for key in products} == {"silver", "gold"}
    expected = {*parts, *products, *aftermath.manifest["quarantine"], "runs/R/products.json"}
    assert {key for key in aftermath.objects if not key.endswith(".raw")} == expected


def test_a_run_killed_at_one_point_after_the_other(
    spawn: Spawn, new_stores: Callable[[str], Stores], undisturbed: tuple[Aftermath, float]
) -> None:
    stores = new_stores("points")
    for point, program in POINTS.items():
        killed = spawn(*RUN, before=f"import os\n{SMALL}{program}", more=stores.settings)
        _, printed = killed.communicate(timeout=120)
        assert killed.returncode == -signal.SIGKILL, f"{point}: {printed}"
    assert stores.status() == "partial False"
    _complete(spawn, stores, undisturbed[0], "--resume")


@pytest.mark.parametrize("number", range(KILLS))
def test_a_run_killed_at_a_random_moment(
    spawn: Spawn, new_stores: Callable[[str], Stores], undisturbed: tuple[Aftermath, float], number: int
) -> None:
    # Each kill has its own slice of the run's time, so that together they reach all of it.
    aftermath, seconds = undisturbed
    share = (number + random.Random(SEED + number).random()) / KILLS  # noqa: S311 - no secret
    stores = new_stores(f"random-{number}")
    process = spawn(*RUN, before=SMALL, more=stores.settings)
    stores.await_run()
    time.sleep(seconds * share)
    process.kill()
    process.communicate(timeout=60)
    print(f"seed {SEED}, kill {number}: after {share:.0%} of {seconds:.1f} s: {stores.status()}")  # noqa: T201 - for who repeats it
    _complete(spawn, stores, aftermath, command=("run", "--resume", "--extractor", "rules"))


@pytest.mark.parametrize("workers", ["0", "1", "3"])
def test_any_number_of_workers_gives_the_same_bytes(
    spawn: Spawn, new_stores: Callable[[str], Stores], undisturbed: tuple[Aftermath, float], workers: str
) -> None:
    stores = new_stores(f"workers-{workers}")
    _complete(spawn, stores, undisturbed[0], "--workers", workers)


def test_a_run_whose_workers_are_killed_one_after_the_other(
    spawn: Spawn, new_stores: Callable[[str], Stores], undisturbed: tuple[Aftermath, float]
) -> None:
    stores = new_stores("workers-killed")
    process = spawn(*RUN, "--workers", "2", before=SMALL, more=stores.settings)
    killed = 0
    while process.poll() is None:
        workers = [
            child for child in psutil.Process(process.pid).children(recursive=True) if child.ppid() != process.pid
        ]
        if workers and stores.status().startswith("running"):
            with suppress(psutil.NoSuchProcess):
                workers[killed % len(workers)].kill()
                killed += 1
        if killed == 3:
            break
        time.sleep(0.02)
    _, printed = process.communicate(timeout=120)
    assert (process.returncode, killed) == (3, 3), printed
    assert printed.count("worker_died") >= 1
    assert stores.look() == undisturbed[0]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_run_that_is_stopped_gives_back_what_is_in_hand(
    spawn: Spawn, new_stores: Callable[[str], Stores], undisturbed: tuple[Aftermath, float], number: int, code: int
) -> None:
    stores = new_stores(f"stopped-{code}")
    process = spawn(*RUN, before=SMALL, more=stores.settings)
    stores.await_run()
    while stores.status() != "running False":
        time.sleep(0.01)
    time.sleep(0.2)
    begun = time.monotonic()
    process.send_signal(number)
    _, printed = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in printed) == (code, False), printed
    assert time.monotonic() - begun < 10
    assert stores.status() == "running False"
    _complete(spawn, stores, undisturbed[0], "--resume")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 0)])
def test_two_workers_on_one_run_and_one_is_ended(
    spawn: Spawn, new_stores: Callable[[str], Stores], undisturbed: tuple[Aftermath, float], number: int, code: int
) -> None:
    stores = new_stores(f"queue-{number}")
    settings = stores.settings | {"HCTAP_HEARTBEAT_SECONDS": "1"}
    queued = spawn(*RUN, "--queue", more=settings)
    _, printed = queued.communicate(timeout=120)
    assert queued.returncode == 0, printed
    work = ("worker", "--extractor", "rules", "--workers", "1")
    workers = [spawn(*work, before=SMALL, more=settings) for _ in range(2)]
    while stores.count_shards() < 3:
        time.sleep(0.01)
    workers[0].send_signal(number)
    left = stores.count_shards()
    deadline = time.monotonic() + 240
    while stores.status() != "partial True":
        assert time.monotonic() < deadline, stores.status()
        time.sleep(0.1)
    workers[1].send_signal(signal.SIGTERM)
    _, printed = workers[1].communicate(timeout=60)
    assert (workers[1].returncode, "Traceback" in printed) == (0, False), printed
    _, printed = workers[0].communicate(timeout=60)
    assert (workers[0].returncode, "Traceback" in printed) == (code, False), printed
    found = stores.look()
    assert left < len(found.shards), "the worker was ended in the middle"
    assert len({shard for shard, *_ in found.shards}) == len(found.shards)
    assert len(set(found.exported.splitlines())) == len(found.exported.splitlines())
    assert found == undisturbed[0]


def _complete(spawn: Spawn, stores: Stores, expected: Aftermath, *more: str, command: tuple[str, ...] = RUN) -> None:
    resumed = spawn(*command, *more, before=SMALL, more=stores.settings)
    _, printed = resumed.communicate(timeout=120)
    assert resumed.returncode == 3, printed
    found = stores.look()
    assert found.objects == expected.objects
    assert found.exported == expected.exported
    assert found == expected
