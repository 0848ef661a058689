"""Where this checkout keeps its data."""

from collections.abc import Mapping
from pathlib import Path

HOME_NAME = ".hctap"
STACK_ENV = "stack.env"
TERMS_NAME = "terms"


def find_home(environ: Mapping[str, str], folder: Path) -> Path:
    """`HCTAP_HOME` where it is set, else the nearest `.hctap` at or above `folder`, else `.hctap` in the checkout.

    The checkout is the nearest folder at or above `folder` that holds a `uv.lock`; without one it is `folder`.
    """
    if given := environ.get("HCTAP_HOME"):
        return Path(given).expanduser().resolve()
    folder = folder.resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / HOME_NAME).is_dir():
            return candidate / HOME_NAME
    for candidate in (folder, *folder.parents):
        if (candidate / "uv.lock").is_file():
            return candidate / HOME_NAME
    return folder / HOME_NAME


def find_terms(home: Path, given: Path | None) -> Path | None:
    """The folder of the user's own terms: the one that is given, else `terms` in the home where there is one."""
    if given is not None:
        return given.expanduser()
    folder = home / TERMS_NAME
    return folder if folder.is_dir() else None
