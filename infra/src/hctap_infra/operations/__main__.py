"""`python -m hctap_infra.operations`: what is done with a deployed environment, and with its templates."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hctap_core.errors import PlatformError
from hctap_infra.cost.model import price_template
from hctap_infra.cost.prices import read_prices
from hctap_infra.cost.report import render
from hctap_infra.environments import read_environment
from hctap_infra.operations.account import Account, as_dotenv
from hctap_infra.operations.counting import count_resources, read_templates, say_findings
from hctap_infra.operations.emptying import empty_buckets
from hctap_infra.operations.release import detect_drift, find_running_tag, is_bad, read_scans, take_snapshot
from hctap_infra.operations.rotation import rotate
from hctap_infra.operations.tasks import read_log, run_task
from hctap_infra.operations.verification import verify

EXIT_FAILED, EXIT_USAGE = 1, 2


def main() -> None:
    """Do what the command says; exit 1 where a check failed, 2 for wrong use, else the task's own exit code."""
    given = make_parser().parse_args()
    try:
        account = Account(read_environment(given.env, given.own, given.region))
        sys.exit(COMMANDS[given.command](account, given))
    except PlatformError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_USAGE)


def _count(_: Account, given: argparse.Namespace) -> int:
    total = 0
    for stack, kinds in count_resources(given.folder).items():
        print(f"{stack}: {kinds.total()} resources of {len(kinds)} types")
        total += kinds.total()
    print(f"{total} resources")
    for line in say_findings(given.folder):
        print(line)
    return 0


def _cost(account: Account, given: argparse.Namespace) -> int:
    prices = read_prices(given.prices)
    lines = list(price_template(read_templates(given.folder), account.environment, prices))
    for line in render(account.environment, prices, lines):
        print(line)
    return 0


def _outputs(account: Account, given: argparse.Namespace) -> int:
    given.folder.mkdir(parents=True, exist_ok=True)
    name = account.environment.name
    (given.folder / f"{name}.json").write_text(json.dumps(account.outputs, indent=2, sort_keys=True) + "\n")
    (given.folder / f"{name}.env").write_text("\n".join(as_dotenv(account.environment, account.outputs)) + "\n")
    print(json.dumps(account.outputs, indent=2, sort_keys=True))
    return 0


def _verify(account: Account, given: argparse.Namespace) -> int:
    failed = 0
    words = {True: "ok    ", False: "FAILED", None: "unseen"}
    for check in verify(account, url=given.url, with_job=given.with_job):
        print(f"{words[check.ok]}  {check.name}: {check.detail}", flush=True)
        failed += check.ok is False
    return EXIT_FAILED if failed else 0


def _task(account: Account, given: argparse.Namespace) -> int:
    outcome = run_task(account, given.words, limit_seconds=given.limit)
    for line in read_log(account, outcome.task_id) if outcome.task_id else ():
        print(line)
    print(f"exit code {outcome.exit_code} {outcome.reason}".strip(), file=sys.stderr)
    return outcome.exit_code


def _rotate(account: Account, _: argparse.Namespace) -> int:
    for step in rotate(account):
        print(step, flush=True)
    return 0


def _empty(account: Account, _: argparse.Namespace) -> int:
    for bucket, deleted in empty_buckets(account):
        print(f"{bucket}: {deleted} versions deleted")
    return 0


def _running(account: Account, _: argparse.Namespace) -> int:
    print(find_running_tag(account))
    return 0


def _snapshot(account: Account, given: argparse.Namespace) -> int:
    print(f"snapshot {take_snapshot(account, given.tag)} has begun")
    return 0


def _scanned(account: Account, given: argparse.Namespace) -> int:
    bad = 0
    for repository, found in read_scans(account, given.tag):
        said = ", ".join(f"{severity.lower()} {count}" for severity, count in sorted(found.items())) or "nothing"
        print(f"{'FAILED' if is_bad(found) else 'ok    '}  {repository}: {said}", flush=True)
        bad += is_bad(found)
    return EXIT_FAILED if bad else 0


def _drift(account: Account, _: argparse.Namespace) -> int:
    drifted = 0
    for stack, status in detect_drift(account):
        print(f"{stack}: {status}", flush=True)
        drifted += status != "IN_SYNC"
    return EXIT_FAILED if drifted else 0


COMMANDS: Final[dict[str, Callable[[Account, argparse.Namespace], int]]] = {
    "count": _count,
    "cost": _cost,
    "outputs": _outputs,
    "verify": _verify,
    "task": _task,
    "rotate": _rotate,
    "empty": _empty,
    "running": _running,
    "snapshot": _snapshot,
    "scanned": _scanned,
    "drift": _drift,
}


def make_parser() -> argparse.ArgumentParser:
    """What may be said to this program."""
    parser = argparse.ArgumentParser(prog="python -m hctap_infra.operations")
    parser.add_argument("--env", required=True)
    parser.add_argument("--own", type=Path)
    parser.add_argument("--region")
    commands = parser.add_subparsers(dest="command", required=True)
    count = commands.add_parser("count", help="How many resources templates have, and what the rule packs say.")
    count.add_argument("folder", type=Path)
    cost = commands.add_parser("cost", help="What templates cost in a month.")
    cost.add_argument("folder", type=Path)
    cost.add_argument("--prices", type=Path)
    outputs = commands.add_parser("outputs", help="What the stacks say, as JSON and as .env.")
    outputs.add_argument("folder", type=Path)
    look = commands.add_parser("verify", help="Whether what was deployed works.")
    look.add_argument("--url", help="Another address than the stack says.")
    look.add_argument("--with-job", action="store_true", help="Run a task of the job too.")
    task = commands.add_parser("task", help="Run hctap-etl in the cluster, wait, and end with its exit code.")
    task.add_argument("--limit", type=float, default=7200, help="Seconds to wait at most.")
    task.add_argument("words", nargs=argparse.REMAINDER, help="The command with its options, such as `db upgrade`.")
    for name, text in (
        ("snapshot", "Begin a snapshot of the database, named after a tag."),
        ("scanned", "What the registry found in the images of a tag."),
    ):
        commands.add_parser(name, help=text).add_argument("tag")
    commands.add_parser("running", help="The tag of the images that run.")
    commands.add_parser("drift", help="Whether anybody changed what was deployed.")
    commands.add_parser("rotate", help="New passwords for database and cache, and new tasks.")
    commands.add_parser("empty", help="Delete every object of an unprotected environment.")
    return parser


if __name__ == "__main__":
    main()
