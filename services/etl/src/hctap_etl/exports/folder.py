"""The folder that an export writes: no file has its name before it is whole."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from hctap_core.errors import BadInput

_BLOCK: Final = 1 << 20


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Say it in our own words if the disk or the rights do not allow what the block writes.

    Raises:
        BadInput: With the reason that the system gives.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(f"The export cannot be written to {folder}: {reason}.", remedy="See to the folder.") from None


class OutputFolder:
    """Files that are written aside and take their names together at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: dict[str, BinaryIO] = {}
        self._at_discard: list[Callable[[], None]] = []
        folder.mkdir(parents=True, exist_ok=True)

    def open(self, name: str) -> BinaryIO:
        """A new file, under a name of its own until the export is whole."""
        stream = self._aside(name).open("wb")
        self._open[name] = stream
        return stream

    def when_discarded(self, action: Callable[[], None]) -> None:
        """Do something if the export is given up."""
        self._at_discard.append(action)

    def finish(self) -> list[dict[str, str | int]]:
        """Give every file its name, and say for each its name, sha256 and bytes."""
        for stream in self._open.values():
            stream.flush()
            os.fsync(stream.fileno())
            stream.close()
        described = [describe_file(name, self._aside(name)) for name in sorted(self._open)]
        for name in self._open:
            self._aside(name).replace(self.folder / name)
        return described

    def discard(self) -> None:
        """Delete what is not finished; files of an earlier export stay."""
        for action in self._at_discard:
            action()
        for name, stream in self._open.items():
            stream.close()
            self._aside(name).unlink(missing_ok=True)

    def _aside(self, name: str) -> Path:
        return self.folder / f".{name}.part"


def describe_file(name: str, path: Path) -> dict[str, str | int]:
    """A file's name, sha256 and bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return {"name": name, "sha256": digest.hexdigest(), "bytes": path.stat().st_size}
