"""A few faults under random seeds, on stores of their own; `make test-chaos` makes many."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.chaos.dice import any_seed
from tests.chaos.ground import Ground, open_ground
from tests.chaos.seeds import play, possible_faults, rehearse

from hctap_embedded.stack import Stack
from hctap_nlp.extractors import Extractor

# One of each family: a process, a store, a network, a disk, a lease, a note.
FAULTS = (
    "the run is killed",
    "PostgreSQL is killed",
    "the way to S3 is truncated",
    "the disk is full",
    "a worker comes back from the dead",
    "a note kills who reads it",
)


@pytest.fixture(scope="module")
def ground(stack: Stack, extractor: Extractor) -> Iterator[Ground]:
    assert extractor.name == "rules", "its vocabulary is compiled"
    # A short path, for sockets.
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="hctap-chaos-", dir="/tmp")))
        made = opened.enter_context(open_ground(folder, stack.home / "vocabulary"))
        rehearse(made)
        yield made


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_lost_and_nothing_doubled(ground: Ground, fault: str) -> None:
    why_not = possible_faults(ground)[fault]
    if why_not:
        pytest.skip(f"{fault}: {why_not}")
    outcome = play(ground, any_seed(), fault)
    log = ground.folder / f"s{outcome.seed}.log"
    assert outcome.is_good, f"{outcome}\n{log.read_text(encoding='utf-8', errors='replace')[-6000:]}"


def test_a_poisoned_note_is_set_aside_alone(ground: Ground) -> None:
    states = {lake: [row[5:8] for row in ground.calm[lake].ledger] for lake in ("plain", "poisoned")}
    (more,) = [row for row in states["poisoned"] if row not in states["plain"]]
    assert more == ("quarantined", "extraction_failed", "WorkerDied")
    assert len(ground.calm["plain"].exported.splitlines()) == len(ground.calm["poisoned"].exported.splitlines())
