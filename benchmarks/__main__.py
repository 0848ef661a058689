"""`python -m benchmarks`: the scoreboard, corpora, labels and agreement from the command line."""

import argparse
import sys
from pathlib import Path

from benchmarks.labelling import convert_chunks, render_agreement
from benchmarks.labels import read_labels
from hctap_core.errors import PlatformError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 where it succeeded, 2 where its input cannot be used."""
    given = _parser().parse_args(arguments)
    try:
        given.run(given)
    except PlatformError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    labels = commands.add_parser("labels", help="marked chunks to labels by offset, without the texts")
    labels.add_argument("chunks", type=Path, nargs="+")
    labels.add_argument("--annotators", required=True, help="who marked them, with commas between")
    labels.add_argument("--out", type=Path, required=True)
    labels.set_defaults(run=_labels)
    agreement = commands.add_parser("agreement", help="how two annotators' label files agree")
    agreement.add_argument("first", type=Path)
    agreement.add_argument("second", type=Path)
    agreement.add_argument("--out", type=Path, required=True)
    agreement.set_defaults(run=_agreement)
    return parser


def _labels(given: argparse.Namespace) -> None:
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(convert_chunks(given.chunks, tuple(given.annotators.split(","))), encoding="utf-8")
    print(f"{given.out}: {len(read_labels(given.out))} texts")


def _agreement(given: argparse.Namespace) -> None:
    given.out.write_text(render_agreement(given.first, given.second, "make agreement"), encoding="utf-8")
    print(f"{given.out} is written")


if __name__ == "__main__":
    sys.exit(main())
