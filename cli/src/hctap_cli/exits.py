"""What the exit code of a command says."""

from enum import IntEnum
from typing import Final

from hctap_core.errors import (
    ExtractorUnavailable,
    MigrationNeeded,
    PlatformError,
    RunConflict,
    StorePartUnavailable,
    StoreUnavailable,
)
from hctap_core.runs import RunStatus


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    PARTIAL = 3
    STORE_UNAVAILABLE = 4
    CONFLICT = 5


# What the user asked for cannot be done (2) where nothing else is said.
_BY_ERROR: Final[dict[type[PlatformError], Exit]] = {
    StoreUnavailable: Exit.STORE_UNAVAILABLE,
    StorePartUnavailable: Exit.STORE_UNAVAILABLE,
    MigrationNeeded: Exit.STORE_UNAVAILABLE,
    RunConflict: Exit.CONFLICT,
    ExtractorUnavailable: Exit.UNEXPECTED,
    PlatformError: Exit.UNEXPECTED,
}


def exit_of_error(error: PlatformError) -> Exit:
    """The exit code for an error."""
    return _BY_ERROR.get(type(error), Exit.USAGE)


def exit_of_status(status: RunStatus) -> Exit:
    """The exit code for a run that ended so."""
    return {RunStatus.SUCCEEDED: Exit.OK, RunStatus.PARTIAL: Exit.PARTIAL}.get(status, Exit.UNEXPECTED)
