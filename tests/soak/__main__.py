"""`python -m tests.soak NOTES`: import and run so many notes, and see that memory stays flat."""

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

from tests.soak.samples import Sampler, growth_of

from hctap_embedded.stack import Stack
from hctap_stores.database import revisions
from hctap_stores.database.connection import Database
from hctap_stores.lake.address import LakeAddress
from hctap_stores.lake.lake import Lake

_SAMPLES: Final = Path(__file__).parents[2] / "samples"
_MOST_GROWTH: Final = 1.05
_COMMAND: Final = Path(sysconfig.get_path("scripts")) / "hctap-etl"


def main(arguments: list[str]) -> int:
    """Soak; 1 if memory has grown by more than a twentieth."""
    total = int(arguments[0])
    with tempfile.TemporaryDirectory(prefix="hctap-soak-", dir="/tmp") as name:
        folder = Path(name)
        stack = Stack(folder / "home")
        try:
            growth = _soak(stack, folder, total)
        finally:
            stack.erase()
    print(f"notes={total} rss_ratio={growth:.3f}")
    return int(growth > _MOST_GROWTH)


def _soak(stack: Stack, folder: Path, total: int) -> float:
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
        _watch("import", ("import", str(notes)), environment, lambda: 0)
        sampler = _watch("run", work, environment, lambda: _count_done(database))
    return growth_of(sampler.samples, total)


def _watch(name: str, command: tuple[str, ...], environment: dict[str, str], count: Callable[[], int]) -> Sampler:
    process = subprocess.Popen([str(_COMMAND), *command], env=environment, stdout=subprocess.DEVNULL)
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
