"""`python -m benchmarks.containers`: sizes and times of the stack in containers, as docs/performance-compose.md."""

import argparse
import os
import platform
import socket
import sys
from pathlib import Path

from benchmarks.containers.measuring import measure
from benchmarks.containers.page import render_line, render_page
from hctap_core.errors import PlatformError

ROOT = Path(__file__).parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Measure and write the page; 2 where Docker refuses."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.containers", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "performance-compose.md")
    given = parser.parse_args(arguments)
    try:
        figures = measure(ROOT, {name: _free_port() for name in ("api", "dashboard")})
    except PlatformError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    machine = f"{os.cpu_count()} cores ({platform.machine()})"
    given.out.write_text(render_page(figures, machine), encoding="utf-8")
    print(f"{given.out} is written")
    print(render_line(figures))
    return 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
