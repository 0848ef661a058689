"""Seed by seed: a fault at a random moment of a run, the resume, and the comparison with the undisturbed run."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.chaos.dice import dice
from tests.chaos.faults import FAULTS
from tests.chaos.ground import Ground
from tests.chaos.scene import Mode, Scene
from tests.chaos.verdict import Verdict, compare


@dataclass(frozen=True)
class Outcome:
    """What came of one seed."""

    seed: int
    fault: str
    mode: Mode
    seconds: float
    is_struck: bool
    verdict: Verdict
    trouble: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether nothing is lost, doubled or different, and every command ended as it should."""
        return self.verdict == Verdict(0, 0, ()) and not self.trouble

    def __str__(self) -> str:
        said = "ok" if self.is_good else f"NOT OK: {self.verdict} {'; '.join(self.trouble)}"
        struck = "" if self.is_struck else ", not struck"
        return f"seed {self.seed}: {self.fault} ({self.mode}{struck}), {self.seconds:.1f} s: {said}"


def rehearse(ground: Ground) -> None:
    """Run undisturbed in every way: what is left, and how many bytes go to and fro."""
    for lake, mode in (*(("plain", mode) for mode in Mode), ("poisoned", Mode.POOL)):
        with ground.place(f"calm-{lake}-{mode}", lake) as place:
            scene = Scene(ground, place, mode, dice(0))
            scene.prepare()
            before = (ground.database.passed, ground.s3.passed)
            scene.begin()
            scene.watch()
            if scene.trouble or not scene.is_published():
                raise RuntimeError(f"the calm run did not end: {scene.trouble} {scene.log}")
            found = place.look()
            if lake == "plain":
                ground.traffic[mode] = (ground.database.passed - before[0], ground.s3.passed - before[1])
            if compare(ground.calm.setdefault(lake, found), found) != Verdict(0, 0, ()):
                raise RuntimeError(f"the calm run differs when it is worked on by {mode}")


def possible_faults(ground: Ground) -> dict[str, str]:
    """Every fault by name, and why it cannot be made here, or nothing."""
    why = "needs a disk of its own: root on Linux"
    return {name: why if fault.needs_disk and ground.disk is None else "" for name, fault in FAULTS.items()}


def play(ground: Ground, seed: int, fault: str) -> Outcome:
    """Make one fault under one seed."""
    source, begun = dice(seed), time.monotonic()
    mode = source.choice(FAULTS[fault].modes)
    with ground.place(f"s{seed}", FAULTS[fault].lake) as place:
        scene = Scene(ground, place, mode, source)
        try:
            scene.prepare()
            FAULTS[fault].arm(scene)
            scene.begin()
            scene.watch()
            scene.resume()
        finally:
            scene.clear()
        verdict = compare(ground.calm[FAULTS[fault].lake], place.look())
        is_struck = scene.struck_at is not None
        outcome = Outcome(seed, fault, mode, time.monotonic() - begun, is_struck, verdict, tuple(scene.trouble))
        if outcome.is_good:
            scene.log.unlink()
    return outcome


def play_all(ground: Ground, first: int, count: int) -> Iterator[Outcome]:
    """Make so many faults, one kind after the other, under seeds that follow each other."""
    names = [name for name, why in possible_faults(ground).items() if not why]
    for seed in range(first, first + count):
        yield play(ground, seed, names[seed % len(names)])
