"""What PostgreSQL says when it cannot do something, in the project's own errors.

A message of PostgreSQL may quote the row at hand, so none of it is passed on: class, code and address only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from hctap_core.errors import MigrationNeeded, PlatformError, RunConflict, SettingsInvalid, StoreUnavailable

START_REMEDY: Final = "Start the stack with `make up`, or set HCTAP_DATABASE_URL."
AGAIN: Final = "then give the same command again: it continues where it stopped."

# By SQLSTATE, or by the first two characters of it for a whole class; the longest match counts.
_BY_STATE: Final[dict[str, tuple[str, str]]] = {
    "08": ("The connection to PostgreSQL at {address} was lost.", f"See that it runs, {AGAIN}"),
    "28": ("PostgreSQL at {address} refuses the user or the password.", "Correct HCTAP_DATABASE_URL."),
    "3D000": ("PostgreSQL at {address} has no such database.", "Create it, or correct HCTAP_DATABASE_URL."),
    "53100": ("The disk of PostgreSQL at {address} is full.", f"Free some space, {AGAIN}"),
    "53200": ("PostgreSQL at {address} is out of memory.", f"Give it more memory, {AGAIN}"),
    "53300": ("PostgreSQL at {address} has no connection left.", f"Close some, or raise max_connections, {AGAIN}"),
    "25006": ("PostgreSQL at {address} is read-only.", "Set HCTAP_DATABASE_URL to the server that takes writes."),
    "40": ("PostgreSQL at {address} gave up on two transactions that waited for each other.", "Try again."),
    "42501": ("The user may not do this in PostgreSQL at {address}.", "Grant it the rights, or use the owner's name."),
    "55P03": ("PostgreSQL at {address} did not give a lock in time.", "See what else runs, and try again."),
    "57014": ("PostgreSQL at {address} took too long.", "Try again when it is less busy."),
    "57": ("PostgreSQL at {address} is going down or coming up.", f"See that it runs, {AGAIN}"),
    "58": ("PostgreSQL at {address} has trouble with its disk.", f"Look into its log, {AGAIN}"),
    "XX": ("PostgreSQL at {address} reports an internal error.", f"Look into its log, {AGAIN}"),
}
# No SQLSTATE comes with a refused connection, only the server's words, which hold nothing of a row.
_BY_WORDS: Final[tuple[tuple[str, str], ...]] = (
    ("No space left on device", "53100"),
    ("authentication failed", "28"),
    ("no pg_hba.conf entry", "28"),
    ("no password supplied", "28"),
    ("does not exist", "3D000"),
    ("too many", "53300"),
    ("connection slots", "53300"),
    ("starting up", "57"),
    ("shutting down", "57"),
    ("recovery mode", "57"),
)
# Raised by the trigger on the status of runs.
_WRONG_STEP: Final = "HCT01"
_NEEDS_MIGRATION: Final = ("42P01", "42703", "42704", "3F000")


def address_of(url: str) -> str:
    """Where a connection string leads, without user and password: `host:port/database`.

    Raises:
        SettingsInvalid: If it is no connection string.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise SettingsInvalid(
            "HCTAP_DATABASE_URL is not a connection string.",
            remedy="Write it as postgresql://user:password@host:port/database.",
        ) from None
    return f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn every error of the driver into one of ours.

    Raises:
        StoreUnavailable: If the server is away, full, closed or too busy.
        MigrationNeeded: If a table or column is missing.
        RunConflict: If a run were to take a step that its state does not allow.
        PlatformError: If it refused a statement, which no input should bring about.
    """
    try:
        yield
    except psycopg.Error as error:
        raise _translate(error, address) from None


def _translate(error: psycopg.Error, address: str) -> PlatformError:
    state = error.sqlstate or _state_in_words(error)
    if state in _NEEDS_MIGRATION:
        return MigrationNeeded("The database lacks a table or column.", remedy="Run `hctap-etl db upgrade`.")
    if state == _WRONG_STEP:
        return RunConflict("The run is in another state by now.", remedy="See `hctap-etl runs list`, and try again.")
    for code in (state, state[:2]):
        if code in _BY_STATE:
            message, remedy = _BY_STATE[code]
            return StoreUnavailable(message.format(address=address), remedy=remedy)
    if isinstance(error, psycopg.OperationalError):
        return StoreUnavailable(f"PostgreSQL does not answer at {address}.", remedy=START_REMEDY)
    return PlatformError(
        f"PostgreSQL refused a statement ({type(error).__name__}, SQLSTATE {state or 'none'}).",
        remedy="This is a fault of the program: please report it.",
    )


def _state_in_words(error: psycopg.Error) -> str:
    words = str(error)
    return next((state for phrase, state in _BY_WORDS if phrase in words), "")
