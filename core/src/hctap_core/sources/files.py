"""The readers, one for each kind of file, and the walk through folders."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hctap_core.errors import MalformedRecord, UnsupportedInput
from hctap_core.notes import MAX_RECORD_BYTES, Note, check_record_size, note_from_json, note_from_record
from hctap_core.reasons import QuarantineReason
from hctap_core.sources.records import SourceRecord, judge

UNKNOWN_SPECIALTY: Final = "Unknown"
_UNDECODED: Final = re.compile("[\udc80-\udcff]")
_KINDS: Final = "a folder, .txt, .json, .jsonl, .ndjson or .csv"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to import; `specialty` is the folder's name, for notes that do not say theirs."""

    path: Path
    specialty: str
    bytes: int

    @property
    def origin(self) -> str:
        """The file's name as it can be printed and stored, whatever bytes it is made of."""
        return str(self.path).encode("utf-8", "backslashreplace").decode()


def find_files(paths: Sequence[Path]) -> list[SourceFile]:
    """The files to read: those given, and those of known kinds in the folders given, by name.

    Raises:
        UnsupportedInput: If a path is not there, is of no known kind, or is a folder without notes.
    """
    found = [file for path in paths for file in _find(path)]
    return [SourceFile(path, specialty, path.stat().st_size) for path, specialty in found]


def read_file(file: SourceFile) -> Iterator[SourceRecord]:
    """The records of a file.

    Raises:
        UnsupportedInput: If the file cannot be read at all.
    """
    try:
        yield from _READERS[file.path.suffix.lower()](file)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnsupportedInput(f"{file.origin} cannot be read: {reason}.", remedy="See to its rights.") from None


def _find(path: Path) -> list[tuple[Path, str]]:
    if path.is_dir():
        inside = [
            (file, file.parent.name if file.parent != path else UNKNOWN_SPECIALTY)
            for file in sorted(path.rglob("*"), key=str)
            if file.suffix.lower() in _READERS and file.is_file() and not _is_hidden(file.relative_to(path))
        ]
        if not inside:
            raise UnsupportedInput(f"The folder {path} holds no notes.", remedy=f"A source is {_KINDS}.")
        return inside
    if not path.is_file():
        raise UnsupportedInput(f"There is no file or folder {path}.", remedy="Correct the path.")
    if path.suffix.lower() not in _READERS:
        raise UnsupportedInput(f"No reader knows the file {path.name}.", remedy=f"A source is {_KINDS}.")
    return [(path, UNKNOWN_SPECIALTY)]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _read_text(file: SourceFile) -> Iterator[SourceRecord]:
    data = _read_bytes(file)
    yield judge(file.origin, data, lambda: _note_from_text(file, data))


def _note_from_text(file: SourceFile, data: bytes) -> Note:
    check_record_size(file.bytes)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedRecord(QuarantineReason.NOT_UTF8, f"byte {error.start}") from None
    return note_from_record({"note_id": file.path.stem, "specialty": file.specialty, "text": text})


def _read_json(file: SourceFile) -> Iterator[SourceRecord]:
    data = _read_bytes(file)

    def make() -> Note:
        check_record_size(file.bytes)
        return note_from_json(data)

    yield judge(file.origin, data, make)


def _read_bytes(file: SourceFile) -> bytes:
    # The bytes of a file that is too large for a note are not taken into memory, nor into quarantine.
    return file.path.read_bytes() if file.bytes <= MAX_RECORD_BYTES else b""


def _read_lines(file: SourceFile) -> Iterator[SourceRecord]:
    with file.path.open("rb") as stream:
        for number, line in enumerate(iter(lambda: stream.readline(MAX_RECORD_BYTES + 1), b""), start=1):
            rest = 0
            while not line.endswith(b"\n") and (more := stream.readline(MAX_RECORD_BYTES)):
                rest += len(more)
                if more.endswith(b"\n"):
                    break
            if line.strip(b" \t\r\n\xef\xbb\xbf"):
                yield _judge_line(f"{file.origin}:{number}", line, len(line) + rest)


def _judge_line(origin: str, line: bytes, size: int) -> SourceRecord:
    def make() -> Note:
        check_record_size(size)
        return note_from_json(line)

    return judge(origin, line if size == len(line) else b"", make)


def _read_table(file: SourceFile) -> Iterator[SourceRecord]:
    # Bytes that are not UTF-8 come through as lone surrogates, so that they spoil their own row and no other.
    csv.field_size_limit(MAX_RECORD_BYTES)
    with file.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        reader = csv.reader(stream)
        header = [name.strip().lower() for name in next(reader, [])]
        if not {"medical_specialty", "transcription"} <= set(header):
            raise UnsupportedInput(
                f"The table {file.path.name} lacks the columns medical_specialty and transcription.",
                remedy="Its first line must name the columns; note_id is optional.",
            )
        number = 0
        while True:
            number += 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                fault = MalformedRecord(QuarantineReason.TOO_LARGE, f"more than {MAX_RECORD_BYTES} bytes in one field")
                yield SourceRecord(f"{file.origin}:row {number}", b"", fault=fault)
                continue
            if any(row):
                yield _judge_row(file, number, dict(zip(header, row, strict=False)))


def _judge_row(file: SourceFile, number: int, row: dict[str, str]) -> SourceRecord:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(row.values())
    data = text.getvalue().encode("utf-8", "surrogateescape")
    return judge(f"{file.origin}:row {number}", data, lambda: _note_from_row(file, number, row))


def _note_from_row(file: SourceFile, number: int, row: dict[str, str]) -> Note:
    values: dict[str, Any] = {name: value for name, value in row.items() if name in _NOTE_COLUMNS and value}
    if any(_UNDECODED.search(value) for value in row.values()):
        raise MalformedRecord(QuarantineReason.NOT_UTF8, "the row has bytes that are not UTF-8")
    return note_from_record(
        {
            "note_id": f"{file.path.stem}-{number:05d}",
            "specialty": row.get("medical_specialty", "").strip() or UNKNOWN_SPECIALTY,
            "text": row.get("transcription", ""),
        }
        | values,
    )


_NOTE_COLUMNS: Final = ("note_id", "patient_id", "encounter_id", "note_type", "authored_at", "source", "language")
_READERS: Final[dict[str, Callable[[SourceFile], Iterator[SourceRecord]]]] = {
    ".txt": _read_text,
    ".json": _read_json,
    ".jsonl": _read_lines,
    ".ndjson": _read_lines,
    ".csv": _read_table,
}
