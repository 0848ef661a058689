"""`python -m hctap_infra.rehearsal`: deploy an environment to an emulator of AWS on this machine, and take it down."""

import argparse
import shutil
import sys
from pathlib import Path

from hctap_core.errors import PlatformError
from hctap_infra.environments import read_environment
from hctap_infra.rehearsal.acts import Rehearsal
from hctap_infra.rehearsal.emulator import start_emulator
from hctap_infra.rehearsal.inspection import Inspector
from hctap_infra.rehearsal.settings import read_environ

EXIT_FAILED, EXIT_USAGE = 1, 2


def main() -> None:
    """Play all acts; exit 1 if one failed, 2 for wrong use."""
    given = _parser().parse_args()
    try:
        environment = read_environment(given.env, given.own)
        folder = given.folder.resolve()
        shutil.rmtree(folder, ignore_errors=True)
        with start_emulator(read_environ(), folder, environment.region) as emulator:
            rehearsal = Rehearsal(
                Inspector(environment, emulator),
                emulator,
                ["npm", "exec", "--yes", "--package", f"aws-cdk@{given.cdk_version}", "--", "cdk"],
                given.assembly.resolve(),
                folder,
                given.tag,
            )
            sys.exit(EXIT_FAILED if _tell(rehearsal) else 0)
    except PlatformError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_USAGE)


def _tell(rehearsal: Rehearsal) -> bool:
    failed = False
    for act in rehearsal.play():
        print(f"{'ok    ' if act.ok else 'FAILED'}  {act.name:<16} {act.seconds:6.1f} s  {act.detail}", flush=True)
        failed = failed or not act.ok
    return failed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hctap_infra.rehearsal")
    parser.add_argument("--env", required=True)
    parser.add_argument("--own", type=Path)
    parser.add_argument("--tag", required=True)
    parser.add_argument("--assembly", type=Path, required=True, help="What `cdk synth` wrote.")
    parser.add_argument("--folder", type=Path, required=True, help="Where logs and pruned templates go.")
    parser.add_argument("--cdk-version", required=True)
    return parser


if __name__ == "__main__":
    main()
