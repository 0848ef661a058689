"""The readers, one for each kind of file, and the walk through folders."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from hctap_core.errors import MalformedRecord, UnsupportedInput
from hctap_core.notes import MAX_RECORD_BYTES, Note, check_record_size, note_from_record, record_from_json
from hctap_core.reasons import QuarantineReason
from hctap_core.sources.cda import note_from_cda
from hctap_core.sources.fhir import read_resource, resource_in
from hctap_core.sources.records import SourceRecord, judge
from hctap_core.sources.tables import TableRow, read_rows

UNKNOWN_SPECIALTY: Final = "Unknown"
_KINDS: Final = "a folder, .txt, .json, .jsonl, .ndjson, .csv or .xml"
# A Bundle of many documents is one JSON object, and is in memory as a whole.
MAX_BUNDLE_BYTES: Final = 64 * 1024 * 1024


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


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: whole notes alone, or whatever has a text; `text_column` names what holds it."""

    needs_whole_notes: bool = True
    text_column: str | None = None


WHOLE_NOTES: Final = Reading()


def find_files(paths: Sequence[Path]) -> list[SourceFile]:
    """The files to read: those given, and those of known kinds in the folders given, by name.

    Raises:
        UnsupportedInput: If a path is not there, is of no known kind, or is a folder without notes.
    """
    found = [file for path in paths for file in _find(path)]
    return [SourceFile(path, specialty, path.stat().st_size) for path, specialty in found]


def find_others(folder: Path) -> list[Path]:
    """The files of a folder that no reader knows, by name; hidden ones are not looked at."""
    return [path for path in _files_in(folder) if path.suffix.lower() not in _READERS]


def read_file(file: SourceFile, reading: Reading = WHOLE_NOTES) -> Iterator[SourceRecord]:
    """The records of a file.

    Raises:
        UnsupportedInput: If the file cannot be read at all.
    """
    try:
        yield from _READERS[file.path.suffix.lower()](file, reading)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnsupportedInput(f"{file.origin} cannot be read: {reason}.", remedy="See to its rights.") from None


def _find(path: Path) -> list[tuple[Path, str]]:
    if path.is_dir():
        inside = [
            (file, file.parent.name if file.parent != path else UNKNOWN_SPECIALTY)
            for file in _files_in(path)
            if file.suffix.lower() in _READERS
        ]
        if not inside:
            raise UnsupportedInput(f"The folder {path} holds no notes.", remedy=f"A source is {_KINDS}.")
        return inside
    if not path.is_file():
        raise UnsupportedInput(f"There is no file or folder {path}.", remedy="Correct the path.")
    if path.suffix.lower() not in _READERS:
        raise UnsupportedInput(f"No reader knows the file {path.name}.", remedy=f"A source is {_KINDS}.")
    return [(path, UNKNOWN_SPECIALTY)]


def _files_in(folder: Path) -> list[Path]:
    inside = sorted(folder.rglob("*"), key=str)
    return [path for path in inside if path.is_file() and not _is_hidden(path.relative_to(folder))]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _read_text(file: SourceFile, _: Reading) -> Iterator[SourceRecord]:
    data = _read_bytes(file)
    yield judge(file.origin, data, lambda: _note_from_text(file, data))


def _note_from_text(file: SourceFile, data: bytes) -> Note:
    check_record_size(file.bytes)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedRecord(QuarantineReason.NOT_UTF8, f"byte {error.start}") from None
    return note_from_record({"note_id": file.path.stem, "specialty": file.specialty, "text": text})


def _read_json(file: SourceFile, reading: Reading) -> Iterator[SourceRecord]:
    data = _read_bytes(file, MAX_BUNDLE_BYTES)
    if resource := resource_in(data):
        yield from read_resource(file.origin, resource, file.specialty)
        return
    data = data if file.bytes <= MAX_RECORD_BYTES else b""

    def make() -> Note:
        check_record_size(file.bytes)
        return _note_from_json(data, file.path.stem, file.specialty, reading)

    yield judge(file.origin, data, make)


def _read_cda(file: SourceFile, _: Reading) -> Iterator[SourceRecord]:
    data = _read_bytes(file)

    def make() -> Note:
        check_record_size(file.bytes)
        return note_from_cda(data, file.specialty)

    yield judge(file.origin, data, make)


def _read_bytes(file: SourceFile, most: int = MAX_RECORD_BYTES) -> bytes:
    # The bytes of a file that is too large for a note are not taken into memory, nor into quarantine.
    return file.path.read_bytes() if file.bytes <= most else b""


def _read_lines(file: SourceFile, reading: Reading) -> Iterator[SourceRecord]:
    with file.path.open("rb") as stream:
        for number, line in enumerate(iter(lambda: stream.readline(MAX_RECORD_BYTES + 1), b""), start=1):
            rest = 0
            while not line.endswith(b"\n") and (more := stream.readline(MAX_RECORD_BYTES)):
                rest += len(more)
                if more.endswith(b"\n"):
                    break
            if line.strip(b" \t\r\n\xef\xbb\xbf"):
                yield from _judge_line(file, number, line, len(line) + rest, reading)


def _judge_line(file: SourceFile, number: int, line: bytes, size: int, reading: Reading) -> Iterator[SourceRecord]:
    origin = f"{file.origin}:{number}"

    def make() -> Note:
        check_record_size(size)
        return _note_from_json(line, f"{file.path.stem}-{number:05d}", file.specialty, reading)

    if size == len(line) and (resource := resource_in(line)):
        yield from read_resource(origin, resource, file.specialty)
    else:
        yield judge(origin, line if size == len(line) else b"", make)


def _note_from_json(data: bytes, note_id: str, specialty: str, reading: Reading) -> Note:
    record = record_from_json(data)
    if reading.needs_whole_notes:
        return note_from_record(record)
    given = {name: str(record[name]) for name in _KEPT if isinstance(record.get(name), str | int)}
    known = {"note_id": given.pop("id", note_id), "specialty": specialty}
    return note_from_record(known | given | {"text": record.get(reading.text_column or "text")})


def _read_table(file: SourceFile, reading: Reading) -> Iterator[SourceRecord]:
    for row in read_rows(file.path, reading.text_column):
        yield judge(f"{file.origin}:row {row.number}", row.data, partial(_note_from_row, file, row))


def _note_from_row(file: SourceFile, row: TableRow) -> Note:
    if row.fault:
        raise row.fault
    return note_from_record(
        {"note_id": f"{file.path.stem}-{row.number:05d}", "specialty": file.specialty, **row.fields}
    )


# What a record that is no whole note may say of itself.
_KEPT: Final = ("id", "note_id", "specialty", "note_type", "patient_id", "encounter_id")
_READERS: Final[dict[str, Callable[[SourceFile, Reading], Iterator[SourceRecord]]]] = {
    ".txt": _read_text,
    ".json": _read_json,
    ".jsonl": _read_lines,
    ".ndjson": _read_lines,
    ".csv": _read_table,
    ".xml": _read_cda,
}
