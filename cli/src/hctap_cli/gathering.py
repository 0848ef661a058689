"""Notes of one's own, gathered from files and folders: each is there under an id of its own, or with its fault."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hctap_core.errors import UnsupportedInput
from hctap_core.notes import Note
from hctap_core.reasons import REASON_HELP
from hctap_core.sources.files import Reading, SourceFile, find_files, find_others, read_file

# A folder with this file was written by an extraction, and is not read as notes.
MARK: Final = "hctap.json"
UNREADABLE: Final = "unreadable_file"
UNKNOWN_KIND: Final = "unknown_kind"


@dataclass(frozen=True, slots=True)
class Gathered:
    """A note, or what is none, with where it comes from."""

    origin: str
    note: Note | None = None
    note_id: str | None = None
    reason: str | None = None
    detail: str | None = None
    remedy: str | None = None


class Gathering:
    """The files to read, and their notes one by one."""

    def __init__(self, paths: Sequence[Path], text_column: str | None = None) -> None:
        self._reading = Reading(needs_whole_notes=False, text_column=text_column)
        self._files = [(root, file) for root in paths for file in find_files([root]) if not _is_result(file.path, root)]
        self._others = [
            (root, path) for root in paths if root.is_dir() for path in find_others(root) if not _is_result(path, root)
        ]
        if not self._files:
            raise UnsupportedInput("There are no notes to read.", remedy="Name a folder or files that hold some.")
        self._taken: set[str] = set()
        self._again: Counter[str] = Counter()

    @property
    def bytes(self) -> int:
        """The size of all files that will be read."""
        return sum(file.bytes for _, file in self._files)

    def read(self) -> Iterator[tuple[SourceFile, Iterator[Gathered]]]:
        """Each file with its notes; a file that cannot be read is one fault."""
        for root, file in self._files:
            yield file, self._read_one(root, file)

    def skipped(self) -> Iterator[Gathered]:
        """The files that no reader knows."""
        for root, path in self._others:
            kind = path.suffix.lower().encode("utf-8", "backslashreplace").decode() or "no suffix"
            yield Gathered(
                _shown(path, root),
                reason=UNKNOWN_KIND,
                detail=kind,
                remedy="Save its text as .txt, .jsonl or .csv.",
            )

    def _read_one(self, root: Path, file: SourceFile) -> Iterator[Gathered]:
        shown = _shown(file.path, root)
        try:
            for record in read_file(file, self._reading):
                origin = shown + record.origin.removeprefix(file.origin)
                if record.note:
                    yield Gathered(origin, note=self._with_own_id(record.note))
                elif fault := record.fault:
                    yield Gathered(
                        origin, None, fault.note_id, fault.reason.value, fault.detail, REASON_HELP[fault.reason]
                    )
        except UnsupportedInput as error:
            yield Gathered(shown, reason=UNREADABLE, detail=error.message, remedy=error.remedy)

    def _with_own_id(self, note: Note) -> Note:
        """The note under its id, or, where an earlier note has that, with `~2`, `~3` … behind it."""
        note_id = note.note_id
        while note_id in self._taken:
            self._again[note.note_id] += 1
            note_id = f"{note.note_id}~{self._again[note.note_id] + 1}"
        self._taken.add(note_id)
        return note if note_id == note.note_id else note.model_copy(update={"note_id": note_id})


def _is_result(path: Path, root: Path) -> bool:
    inside = path.relative_to(root) if path != root else Path()
    return any((root / folder / MARK).is_file() for folder in inside.parents)


def _shown(path: Path, root: Path) -> str:
    """A file's name from the folder that was given, as it can be printed and stored whatever bytes it is made of."""
    inside = path.relative_to(root) if path != root else Path(path.name)
    return inside.as_posix().encode("utf-8", "backslashreplace").decode()
