"""The command `hctap-embedded`: start, stop and look at the stack of this checkout."""

import argparse
import sys
import time

from hctap_core.errors import PlatformError
from hctap_embedded.files import read_tail
from hctap_embedded.settings import StackSettings, read_stack_settings
from hctap_embedded.stack import PARTS, STORES, Stack
from hctap_embedded.starter import Event, Listener

# Where users of the earlier platform look first; other free ports are taken if these are not free.
_FIRST_PORTS = {"api": 8000, "dashboard": 8501}
_EXIT_UNAVAILABLE = 4
_EXIT_INTERRUPTED = 130
_MEBIBYTE = 1 << 20


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 0, 2 for a wrong call, 4 if a part is unavailable, 130 if interrupted."""
    options = _parser().parse_args(arguments)
    try:
        settings = read_stack_settings()
        return _COMMANDS[options.command](settings, options)
    except KeyboardInterrupt:
        print("Interrupted. What was started runs on; the same command again does the rest.", file=sys.stderr)
        return _EXIT_INTERRUPTED
    except PlatformError as error:
        print(f"{error.message}", file=sys.stderr)
        if error.remedy:
            print(f"What to do: {error.remedy}", file=sys.stderr)
        return _EXIT_UNAVAILABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hctap-embedded", description="PostgreSQL, Valkey and S3 without Docker.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="start what does not run yet, and print the addresses")
    up.add_argument("--stores-only", action="store_true", help="without API, worker and dashboard")
    commands.add_parser("down", help="stop everything; the data stay")
    commands.add_parser("status", help="say what runs")
    commands.add_parser("env", help="print the addresses, with passwords, as KEY=VALUE lines")
    logs = commands.add_parser("logs", help="print the end of a part's log")
    logs.add_argument("part", choices=[*PARTS, "upgrade"], metavar="PART", help=", ".join(PARTS))
    logs.add_argument("--lines", type=int, default=50, metavar="N", help="how many lines (50)")
    return parser


def _up(settings: StackSettings, options: argparse.Namespace) -> int:
    begun = time.monotonic()
    stack = _stack(settings, _show)
    stack.up(STORES if options.stores_only else tuple(PARTS))
    seconds = time.monotonic() - begun
    print(f"\nReady after {seconds:.1f} s. Data, logs and passwords are in {stack.home}; `make down` stops the stack.")
    return 0


def _show(event: Event) -> None:
    seconds = f"{event.duration_seconds:7.1f} s" if event.duration_seconds else ""
    line = f"  {event.part.title:<11}{event.what:<17}{event.address:<34}{seconds}"
    # One write a line: parts come up on several threads.
    sys.stdout.write(f"{line.rstrip()}\n")
    sys.stdout.flush()


def _down(settings: StackSettings, _: argparse.Namespace) -> int:
    stopped = _stack(settings).down()
    titles = [PARTS[name].title for name in stopped]
    print(f"Stopped {', '.join(titles)}. The data stay in {settings.home}." if titles else "Nothing was running.")
    return 0


def _status(settings: StackSettings, _: argparse.Namespace) -> int:
    for status in _stack(settings).status():
        line = f"  {status.title:<11}{status.state:<15}"
        if status.since is not None and status.memory_bytes is not None:
            age = time.time() - status.since
            line += f"{status.address:<34}pid {status.pid:<9}{_age(age):<11}{status.memory_bytes // _MEBIBYTE:>4} MB"
        print(line.rstrip())
    return 0


def _env(settings: StackSettings, _: argparse.Namespace) -> int:
    print(_stack(settings).addresses().lines(), end="")
    return 0


def _logs(settings: StackSettings, options: argparse.Namespace) -> int:
    path = settings.home / "logs" / f"{options.part}.log"
    lines = read_tail(path, limit=_MEBIBYTE).splitlines()[-options.lines :]
    print("\n".join(lines) if lines else f"{path} is empty.")
    return 0


def _stack(settings: StackSettings, listen: Listener | None = None) -> Stack:
    return Stack(
        settings.home,
        first_ports=_FIRST_PORTS,
        wanted_ports=settings.wanted_ports,
        environ=settings.environ,
        listen=listen,
    )


def _age(seconds: float) -> str:
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


_COMMANDS = {"up": _up, "down": _down, "status": _status, "env": _env, "logs": _logs}

if __name__ == "__main__":
    sys.exit(main())
