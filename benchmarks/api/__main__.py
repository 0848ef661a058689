"""`python -m benchmarks.api`: how fast the API reads, as docs/performance-api.md and a last line."""

import argparse
import asyncio
import os
import platform
import subprocess
import sys
from pathlib import Path

from benchmarks.api.copies import FIRST, find_size, make_copies, settle
from benchmarks.api.material import find_material
from benchmarks.api.measuring import measure, serve
from benchmarks.api.page import render_line, render_page
from hctap_core.errors import PlatformError
from hctap_embedded.stack import Stack
from hctap_stores.database.connection import Database
from hctap_stores.database.indexing import index_texts
from hctap_stores.database.pool import Pool

ROOT = Path(__file__).parents[2]
_SOURCE = "BENCH-SOURCE"


def main(arguments: list[str] | None = None) -> int:
    """Measure and write the page; the stores and the copies are made in a home of their own and kept for next time."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api", description=__doc__)
    parser.add_argument("--home", type=Path, default=ROOT / ".hctap" / "bench-api")
    parser.add_argument("--notes", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="the length of a round")
    parser.add_argument("--duration", type=float, default=600.0, help="the length of the mixed load")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "performance-api.md")
    given = parser.parse_args(arguments)
    try:
        line = _run(given)
    except PlatformError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(line)
    return 0


def _run(given: argparse.Namespace) -> str:
    stack = Stack(given.home)
    stack.up()
    try:
        environment = {**stack.addresses().environment(), "HCTAP_HOME": str(given.home)}
        _prepare(environment)
        with Database(stack.addresses().database_url) as database:
            size = make_copies(database, _SOURCE, given.notes)
            material = find_material(database)
        asyncio.run(_index_texts(stack.addresses().database_url))
        settle(stack.addresses().database_url)
        print(f"{size.notes:,} notes and {size.entities:,} entities are there", file=sys.stderr)
        with serve(environment, given.home) as servers:
            figures = measure(
                servers,
                material,
                rounds=given.rounds,
                seconds=given.seconds,
                duration=given.duration,
                home=given.home,
            )
    finally:
        stack.down()
    if figures.errors:
        print(f"errors: {figures.errors}", file=sys.stderr)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    given.out.write_text(render_page(figures, size, machine), encoding="utf-8")
    return render_line(figures)


async def _index_texts(url: str) -> None:
    """Do beforehand what the API does in the background after an import, so that it is not measured as well."""
    pool = Pool(url)
    await pool.open()
    try:
        async with pool.connection() as connection:
            while await index_texts(connection):
                pass
    finally:
        await pool.close()


def _prepare(environment: dict[str, str]) -> None:
    """Bring the database to the schema, and run over the samples where no copies are there yet."""
    environment = {**os.environ, **environment}
    program = [sys.executable, "-m", "hctap_etl"]
    subprocess.run([*program, "db", "upgrade"], env=environment, check=True, stdout=subprocess.DEVNULL)
    with Database(environment["HCTAP_DATABASE_URL"]) as database:
        if find_size(database, FIRST) is not None or find_size(database, _SOURCE) is not None:
            return
    samples = [str(path) for path in sorted((ROOT / "samples").glob("*/notes.jsonl"))]
    subprocess.run([*program, "import", *samples], env=environment, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*program, "run", "--run-id", _SOURCE], env=environment, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
