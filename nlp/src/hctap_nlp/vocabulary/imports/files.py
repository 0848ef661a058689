"""The files of an import: plain ones, those in folders, and the members of zips, read line by line."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hctap_core.errors import UnsupportedInput

Advance = Callable[[int], None]
_LINES_BETWEEN_REPORTS = 20_000
_FIRST_BYTES = 65_536
_ENCRYPTED = 1
# What of a release's folder or zip is of use; everything else there is left alone.
_OF_USE = re.compile(
    r"(?:^|/)(?:RXN(?:CONSO|REL)\.RRF|MR(?:CONSO|STY)\.RRF|Loinc\.csv|LoincTableCore\.csv"
    r"|x?sct2_(?:Description|Concept|Relationship)_Snapshot[^/]*\.txt|[^/]+\.obo|[^/]+\.json)$",
    re.IGNORECASE,
)
_ONLY_TABLES = re.compile(r"\.(?:csv|tsv)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file, or a member of a zip; `origin` is the path that the user gave."""

    origin: Path
    path: Path
    member: str | None
    size: int

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return f"{self.path.name}:{self.member}" if self.member else self.path.name

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """The bytes of the file.

        Raises:
            UnsupportedInput: If it cannot be read.
        """
        try:
            if self.member is None:
                with self.path.open("rb") as stream:
                    yield stream
            else:
                with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as stream:
                    yield stream
        except (OSError, zipfile.BadZipFile, zlib.error) as error:
            reason = getattr(error, "strerror", None) or "it is damaged"
            raise UnsupportedInput(f"{self.name} cannot be read: {reason}.", remedy="Correct the path.") from None

    def beginning(self) -> str:
        """The first characters, to see what it is; bytes that are no UTF-8 are replaced."""
        with self.opened() as stream:
            return stream.read(_FIRST_BYTES).decode("utf-8-sig", errors="replace")

    def lines(self, advance: Advance | None = None) -> Iterator[str]:
        """The lines with their ends; `advance` hears of the bytes read.

        Raises:
            UnsupportedInput: If it cannot be read or is not UTF-8.
        """
        with self.opened() as stream, io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
            read = 0
            try:
                for number, line in enumerate(text, start=1):
                    read += len(line)
                    if advance and number % _LINES_BETWEEN_REPORTS == 0:
                        advance(read)
                        read = 0
                    yield line
            except UnicodeDecodeError:
                raise UnsupportedInput(f"{self.name} is not UTF-8.", remedy="Convert it to UTF-8.") from None
            if advance:
                advance(read)


def find_files(paths: Iterable[Path]) -> list[ImportFile]:
    """The files that the paths name: themselves, and what is of use in folders and zips.

    Raises:
        UnsupportedInput: If a path cannot be read, or holds nothing of use.
    """
    found = [file for path in paths for file in _files_of(path)]
    return sorted(found, key=lambda file: (str(file.path), file.member or ""))


def _files_of(path: Path) -> list[ImportFile]:
    try:
        if path.is_dir():
            members = [entry for entry in path.rglob("*") if entry.is_file()]
            inside = [ImportFile(path, one, None, one.stat().st_size) for one in members]
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if any(one.flag_bits & _ENCRYPTED for one in archive.infolist()):
                    raise UnsupportedInput(f"{path} is encrypted.", remedy="Unpack it first.")
                inside = [ImportFile(path, path, one.filename, one.file_size) for one in archive.infolist()]
        else:
            return [ImportFile(path, path, None, path.stat().st_size)]
    except (OSError, zipfile.BadZipFile) as error:
        reason = getattr(error, "strerror", None) or "it is damaged"
        raise UnsupportedInput(f"{path} cannot be read: {reason}.", remedy="Correct the path.") from None
    names = [(file, file.member or file.path.relative_to(path).as_posix()) for file in inside]
    # A release brings many tables beside its own; of a bundle without a release's files, tables are what counts.
    chosen = [file for file, name in names if _OF_USE.search(name)]
    chosen = chosen or [file for file, name in names if _ONLY_TABLES.search(name)]
    if not chosen:
        raise UnsupportedInput(f"{path} holds no file that can be imported.", remedy="Name the files themselves.")
    return chosen
