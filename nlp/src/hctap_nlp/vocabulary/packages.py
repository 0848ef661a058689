"""Data files of installed packages, found without importing the packages (which read and write files when imported)."""

from importlib import metadata
from pathlib import Path

from hctap_core.errors import ExtractorUnavailable


def version_of(package: str) -> str:
    """The installed version of a package.

    Raises:
        ExtractorUnavailable: Where it is not installed.
    """
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        raise ExtractorUnavailable(
            f"The vocabulary cannot be compiled: the package {package} is not installed.",
            remedy='Install it with `pip install "hctap-nlp[vocabulary]"`.',
        ) from None


def path_in(package: str, path: str) -> Path:
    """Where a file or folder of an installed package lies."""
    version_of(package)
    return Path(str(metadata.distribution(package).locate_file(path)))
