"""From what a failed program said to an error that says what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hctap_core.errors import StorePartUnavailable

_REMEDIES = (
    (
        "No space left on device",
        "Free some space on the disk of {home}, or set HCTAP_HOME to another disk's folder.",
    ),
    ("GLIBC_", "It needs glibc 2.28 or newer (Debian 10, Ubuntu 20.04, RHEL 8); on older systems use docker compose."),
    ("Permission denied", "Make {home} and all in it yours (`chown -R`), or set HCTAP_HOME to a folder of your own."),
    ("Operation not permitted", "Make {home} and all in it yours (`chown -R`), or set HCTAP_HOME to another folder."),
    ("Read-only file system", "Set HCTAP_HOME to a folder that can be written."),
    ("incompatible with server", "The data are of another PostgreSQL version: move {home}/postgres away, or go back."),
    (
        "Bad file format reading the append only file",
        "Move {home}/valkey away: it is a cache, nothing is lost.",
    ),
    ("could not resize shared memory", "Give the container more shared memory (`--shm-size`)."),
    ("Cannot allocate memory", "Free some memory, and try again."),
    ("No module named", "Run `uv sync --all-packages --all-extras`, and try again."),
)
_TELLING = ("FATAL", "PANIC", "ERROR", "Error", "error", "rror:")
_LINE_CHARACTERS = 300


def explain(title: str, what: str, output: str, home: Path, log: Path | None = None) -> StorePartUnavailable:
    """An error with the program's last telling line, and the remedy if the reason is a known one."""
    known = [remedy.format(home=home) for sign, remedy in _REMEDIES if sign in output]
    look = f"See {log}." if log else "Try again; if it stays, run `hctap-embedded status`."
    said = _telling_line(output)
    return StorePartUnavailable(f"{title} {what}{f': {said}' if said else '.'}", remedy=known[0] if known else look)


@contextmanager
def explained(title: str, home: Path) -> Iterator[None]:
    """Turn what the system refuses to this process itself into an error that says what to do.

    Raises:
        StorePartUnavailable: the block raised an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise _explain_os_error(title, error, home) from error


def _explain_os_error(title: str, error: OSError, home: Path) -> StorePartUnavailable:
    place = f" ({error.filename})" if error.filename else ""
    return explain(title, "cannot be started", f"{error.strerror}{place}" if error.strerror else str(error), home)


def _telling_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if any(sign in line for sign in _TELLING)] or lines
    if not telling:
        return ""
    # PostgreSQL begins its lines with the time and the pid, which say nothing about the reason.
    said = re.sub(r"^[-0-9 :.]+UTC \[\d+\] ", "", telling[-1])[:_LINE_CHARACTERS]
    return said if said.endswith(".") else f"{said}."
