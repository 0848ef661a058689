"""The settings of the command line: where it keeps the compiled vocabulary, and how much it logs."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hctap_core.errors import SettingsInvalid

_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


def read_home() -> Path:
    """`HCTAP_HOME` where it is set, else the folder that the system gives programs for what they can make again."""
    return find_cache(os.environ, sys.platform)


def find_cache(environ: Mapping[str, str], platform: str) -> Path:
    """Where this program may keep what it can make again, on a system that `sys.platform` calls so."""
    if given := environ.get("HCTAP_HOME"):
        return Path(given).expanduser().resolve()
    if platform == "win32" and (local := environ.get("LOCALAPPDATA")):
        return Path(local) / "hctap"
    if platform == "darwin":
        return Path("~/Library/Caches/hctap").expanduser()
    # https://specifications.freedesktop.org/basedir-spec: a path that is not absolute is to be ignored.
    given = environ.get("XDG_CACHE_HOME", "")
    return (Path(given) if Path(given).is_absolute() else Path("~/.cache").expanduser()) / "hctap"


def read_terms() -> Path | None:
    """`HCTAP_TERMS` where it is set: the folder of the user's own terms."""
    return Path(given) if (given := os.environ.get("HCTAP_TERMS")) else None


def read_log_level(otherwise: str) -> str:
    """`HCTAP_LOG_LEVEL` where it is set.

    Raises:
        SettingsInvalid: If it is no level.
    """
    level = os.environ.get("HCTAP_LOG_LEVEL") or otherwise
    if level not in _LEVELS:
        raise SettingsInvalid("HCTAP_LOG_LEVEL makes no sense.", remedy=f"It is one of {', '.join(_LEVELS)}.")
    return level
