"""The folder with the results: it is filled note by note, and its files are put in place at the end."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

from hctap_cli.gathering import MARK, UNKNOWN_KIND, Gathered
from hctap_cli.guarding import Found
from hctap_cli.outputs.columns import ATTRIBUTES, ENTITIES, LAYOUTS, MEDICATIONS, NOTES, SECTIONS
from hctap_cli.outputs.report.notes import show_note, show_notes
from hctap_cli.outputs.report.overview import MOST_ROWS, show_faults, show_medications, show_problems, show_summary
from hctap_cli.outputs.report.page import Imprint, render_page
from hctap_cli.outputs.rows import attribute_rows, entity_rows, medication_rows, section_rows
from hctap_cli.outputs.tables import TableWriter
from hctap_cli.outputs.tally import Tally
from hctap_core.errors import UnsupportedInput
from hctap_core.notes import Note
from hctap_core.reasons import REASON_HELP, QuarantineReason

REPORT: Final = "report.html"


class ResultFolder:
    """Takes notes with what was found in them, and faults; `close` puts tables, report and mark in place."""

    def __init__(self, path: Path, imprint: Imprint, report_notes: int) -> None:
        self.path = path
        _prepare(path)
        self._imprint = imprint
        self._report_notes = report_notes
        self._tables = {layout.name: TableWriter(path, layout) for layout in LAYOUTS}
        self._shown: list[str] = []
        self._specialties: set[str] = set()
        self._faults: list[Gathered] = []
        self.tally = Tally()
        self.failed = self.skipped = 0

    def add(self, gathered: Gathered, note: Note, found: Found) -> None:
        """Take a note with what was found in it."""
        if found.failure:
            reason = QuarantineReason.EXTRACTION_FAILED
            self.add_fault(
                Gathered(gathered.origin, None, note.note_id, reason.value, found.failure, REASON_HELP[reason])
            )
            return
        self.tally.add(note.note_id, found.entities)
        self._tables[NOTES.name].add([_note_row(gathered, note, len(found.entities))])
        self._tables[SECTIONS.name].add(section_rows(note.note_id, found.sections))
        for layout, rows in ((ENTITIES, entity_rows), (ATTRIBUTES, attribute_rows), (MEDICATIONS, medication_rows)):
            self._tables[layout.name].add(rows(note.note_id, found.entities))
        if len(self._shown) < self._report_notes:
            self._shown.append(show_note(note, found.entities))
            self._specialties.add(note.specialty)

    def add_fault(self, gathered: Gathered) -> None:
        """Take what could not be read."""
        is_skipped = gathered.reason == UNKNOWN_KIND
        self.skipped += is_skipped
        self.failed += not is_skipped
        self._tables[NOTES.name].add([{**asdict(gathered), "state": "skipped" if is_skipped else "failed"}])
        if len(self._faults) < MOST_ROWS:
            self._faults.append(gathered)

    def close(self) -> None:
        """Put everything in place."""
        page = render_page(self._imprint, self._parts(), has_faults=bool(self._faults))
        self._put(REPORT, page)
        for table in self._tables.values():
            table.close()
        self._put(MARK, json.dumps(self._summary(), indent=2, sort_keys=True) + "\n")

    def discard(self) -> None:
        """Leave no half-written file behind."""
        for table in self._tables.values():
            table.discard()

    def _parts(self) -> Iterator[str]:
        yield show_summary(self.tally, self.failed, self.skipped)
        yield show_problems(self.tally)
        yield show_medications(self.tally)
        yield show_notes(self._shown, self.tally.notes, sorted(self._specialties))
        yield show_faults(self._faults, self.failed + self.skipped)

    def _summary(self) -> dict[str, object]:
        """What the folder holds, for programs: what made it, and how much of what."""
        return {
            "extractor": self._imprint.extractor,
            "version": self._imprint.version,
            "vocabulary": self._imprint.vocabulary,
            "notes": {"read": self.tally.notes, "failed": self.failed, "skipped": self.skipped},
            "entities": {name: entry.mentions for name, entry in self.tally.by_type.items()},
            "rows": {name: table.rows for name, table in self._tables.items()},
        }

    def _put(self, name: str, content: str) -> None:
        draft = self.path / f".{name}.draft"
        draft.write_text(content, encoding="utf-8", newline="\n")
        draft.replace(self.path / name)


def _prepare(path: Path) -> None:
    """See that the folder is there, and is one that an extraction may fill."""
    if path.exists() and not path.is_dir():
        raise UnsupportedInput(f"{path} is a file.", remedy="Name a folder with --out.")
    if path.is_dir() and any(path.iterdir()) and not (path / MARK).is_file():
        raise UnsupportedInput(
            f"The folder {path} holds files that no extraction wrote.", remedy="Name another folder with --out."
        )
    # The results hold what the notes say, so nobody else may read them.
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _note_row(gathered: Gathered, note: Note, entities: int) -> dict[str, str | int | None]:
    return {
        "note_id": note.note_id,
        "origin": gathered.origin,
        "state": "read",
        "specialty": note.specialty,
        "note_type": note.note_type,
        "patient_id": note.patient_id,
        "encounter_id": note.encounter_id,
        "characters": len(note.text),
        "entities": entities,
        "content_sha256": note.content_sha256,
    }
