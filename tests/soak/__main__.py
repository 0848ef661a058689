"""`python -m tests.soak NOTES [MB]`: import and run so many notes within so much memory, and see that it stays flat."""

import itertools
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.soak.samples import Sampler, growth_of, peak_of

from hctap_embedded.stack import Stack
from hctap_stores.database import revisions
from hctap_stores.database.connection import Database
from hctap_stores.lake.address import LakeAddress
from hctap_stores.lake.lake import Lake

_SAMPLES: Final = Path(__file__).parents[2] / "samples"
_MOST_GROWTH: Final = 1.05
_COMMAND: Final = Path(sysconfig.get_path("scripts")) / "hctap-etl"
_LIMITED: Final = Path(__file__).with_name("limited.py")
# What a container of one gigabyte gives to a command with all its processes.
_ALLOWED_MB: Final = 1024


def main(arguments: list[str]) -> int:
    """Soak; 1 if memory has grown by more than a twentieth, or all processes together took more than was allowed."""
    total = int(arguments[0])
    allowed_mb = int(arguments[1]) if len(arguments) > 1 else _ALLOWED_MB
    with tempfile.TemporaryDirectory(prefix="hctap-soak-", dir="/tmp") as name:
        folder = Path(name)
        stack = Stack(folder / "home")
        try:
            growth, peak_mb = _soak(stack, folder, total, allowed_mb)
        finally:
            stack.erase()
    print(f"notes={total} allowed_mb={allowed_mb} peak_mb={peak_mb} rss_ratio={growth:.3f}")
    return int(growth > _MOST_GROWTH or peak_mb > allowed_mb)


def _soak(stack: Stack, folder: Path, total: int, allowed_mb: int) -> tuple[float, int]:
    addresses = stack.up(("postgres", "s3"))
    environment = os.environ | addresses.environment() | {"HCTAP_HOME": str(stack.home), "HCTAP_LOG_LEVEL": "WARNING"}
    url = addresses.database_url
    revisions.upgrade(url)
    lake = Lake(
        LakeAddress(
            "hc-tap-raw-notes",
            "hc-tap-enriched-entities",
            addresses.s3_endpoint,
            "us-east-1",
            addresses.access_key_id,
            addresses.secret_access_key,
        )
    )
    lake.prepare()
    notes = folder / "notes.jsonl"
    with notes.open("w", encoding="utf-8") as stream:
        stream.writelines(_lines(total))
    work = ("run", "--run-id", "soak", "--extractor", "rules", "--new")
    with Database(url) as database:
        limited = (sys.executable, str(_LIMITED), str(allowed_mb), str(_COMMAND))
        importing = _watch("import", (*limited, "import", str(notes)), environment, lambda: 0)
        running = _watch("run", (*limited, *work), environment, lambda: _count_done(database))
    return growth_of(running.samples, total), peak_of([*importing.samples, *running.samples])


def _watch(name: str, command: tuple[str, ...], environment: dict[str, str], count: Callable[[], int]) -> Sampler:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    with Sampler(process.pid, count) as sampler:
        code = process.wait()
    if code != 0:
        raise RuntimeError(f"{name} ended with {code}")
    sizes = [sample.bytes >> 20 for sample in sampler.samples]
    print(f"{name}: {len(sizes)} samples, {min(sizes)} to {max(sizes)} MB", flush=True)
    return sampler


def _count_done(database: Database) -> int:
    with database.transaction() as connection:
        row = connection.execute("SELECT count(*) FROM run_notes WHERE state = 'done'").fetchone()
    return int(row[0]) if row else 0


def _lines(total: int) -> Iterator[str]:
    """The samples again and again under new ids, each with a line of its own, so that none is a duplicate."""
    halves = [(_SAMPLES / half / "notes.jsonl").read_text(encoding="utf-8") for half in ("dev", "test")]
    samples = [json.loads(line) for line in "".join(halves).split("\n") if line]
    for number, sample in enumerate(itertools.islice(itertools.cycle(samples), total)):
        note = {key: value for key, value in sample.items() if key not in {"checksum", "content_sha256"}}
        edited = note | {"note_id": f"soak-{number:07}", "text": f"{sample['text']}\n\nVisit {number}."}
        yield json.dumps(edited, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
