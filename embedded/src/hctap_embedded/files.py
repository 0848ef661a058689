"""Files that are either whole or not there: written beside their place, synced, then renamed."""

import os
import shutil
from pathlib import Path

# Names that nobody else gives: a user may have made some folder full of other things the home.
PROBE_PREFIX = ".hctap-probe-"
_UNFINISHED = ".hctap-new"


def write_whole(path: Path, content: str, *, mode: int = 0o600) -> None:
    """Replace `path` so that no reader and no crash ever sees half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}{_UNFINISHED}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def sweep(folder: Path) -> None:
    """Remove what killed commands left beside the files; no other command may be writing in the folder."""
    for left_over in folder.glob(f".*{_UNFINISHED}"):
        left_over.unlink(missing_ok=True)
    for left_over in folder.glob(f"{PROBE_PREFIX}*"):
        shutil.rmtree(left_over, ignore_errors=True)


def read_tail(path: Path, *, since: int = 0, limit: int = 8_000) -> str:
    """The end of a log, at most `limit` bytes and nothing before offset `since`; empty if there is no such file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(0, size - limit, since if since <= size else 0))
            return file.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
