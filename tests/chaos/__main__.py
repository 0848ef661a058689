"""`python -m tests.chaos SEEDS [FIRST]`: make so many faults, and say what came of each and of all."""

import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from tests.chaos.dice import any_seed
from tests.chaos.ground import open_ground
from tests.chaos.seeds import Outcome, play_all, possible_faults, rehearse


def main(arguments: list[str]) -> int:
    """Play the seeds; 1 if anything was lost, doubled or different."""
    count = int(arguments[0])
    first = int(arguments[1]) if len(arguments) > 1 else any_seed()
    outcomes: list[Outcome] = []
    with ExitStack() as opened:
        # Short, for sockets; kept where a seed went wrong, for its log.
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="hctap-chaos-", dir="/tmp")))
        ground = opened.enter_context(open_ground(folder))
        rehearse(ground)
        print(f"first seed {first}, {count} seeds", flush=True)
        for outcome in play_all(ground, first, count):
            outcomes.append(outcome)
            print(outcome, flush=True)
            if not outcome.is_good:
                log = folder / f"s{outcome.seed}.log"
                print(log.read_text(encoding="utf-8", errors="replace")[-6000:], flush=True)
        skipped = {name: why for name, why in possible_faults(ground).items() if why}
    struck, all_of = Counter(one.fault for one in outcomes if one.is_struck), Counter(one.fault for one in outcomes)
    print()
    for fault in sorted(all_of):
        print(f"{all_of[fault]:4} {fault}, {struck[fault]} in the middle of the work")
    for fault, why in skipped.items():
        print(f"   0 {fault}: skipped, {why}")
    lost, doubled = (sum(getattr(one.verdict, name) for one in outcomes) for name in ("lost", "doubled"))
    wrong, slowest = sum(not one.is_good for one in outcomes), max((one.seconds for one in outcomes), default=0)
    print(f"wrong={wrong} slowest={slowest:.1f}s first={first}")
    print(f"seeds={len(outcomes)} lost={lost} doubled={doubled}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
