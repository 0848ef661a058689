"""What a limit of memory does, and that a run within one gigabyte leaves nothing out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.soak import limited

from hctap_embedded.stack import Stack
from hctap_nlp.vocabulary.build import ensure
from hctap_stores.database import revisions
from hctap_stores.database.connection import Database

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit does not count mapped memory")
SAMPLES = Path(__file__).parents[2] / "samples"


def _limited(megabytes: int, *command: str, **more: dict[str, str]) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, limited.__file__, str(megabytes), sys.executable, *command]
    return subprocess.run(arguments, capture_output=True, check=False, text=True, **more)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(("size", "expected"), [(100, 0), (400, 1)])
def test_a_process_gets_no_more_than_it_may(size: int, expected: int) -> None:
    done = _limited(256, "-c", f"bytearray({size} << 20)")
    assert done.returncode == expected
    assert ("MemoryError" in done.stderr) == bool(expected)


@pytest.mark.stack
def test_a_run_with_a_gigabyte_leaves_no_note_out(
    environment: dict[str, str], database_url: str, stack: Stack, tmp_path: Path
) -> None:
    revisions.upgrade(database_url)
    ensure(stack.home / "vocabulary")
    samples = [json.loads(line) for line in (SAMPLES / "dev" / "notes.jsonl").read_text().splitlines()]
    # Two records of nearly the largest size that is taken, among others of usual size.
    long = [
        sample | {"note_id": f"long-{n}", "text": f"{sample['text']}\n" * 400} for n, sample in enumerate(samples[:2])
    ]
    keys = ("note_id", "specialty", "text")
    notes = [{key: sample[key] for key in keys} for sample in (*samples, *long)]
    source = tmp_path / "notes.jsonl"
    source.write_text("".join(json.dumps(note) + "\n" for note in notes))
    program = ("-m", "hctap_etl")
    assert _limited(1024, *program, "import", "--pack", str(source), env=environment).returncode == 0
    done = _limited(1024, *program, "run", "R", "--extractor", "rules", "--workers", "2", env=environment)
    assert done.returncode == 0, done.stderr
    with Database(database_url) as database, database.transaction() as connection:
        states = connection.execute("SELECT state, count(*) FROM run_notes GROUP BY 1").fetchall()
    assert states == [("done", len(notes))]
