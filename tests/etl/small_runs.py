"""A few notes, and runs over them, as tests look at them."""

from typing import Any

from hctap_cli.lines import render_lines
from hctap_core.notes import note_from_record
from hctap_core.runs import Manifest
from hctap_core.sources.records import SourceRecord
from hctap_etl.intake import Intake, IntakeOptions
from hctap_etl.running import Beginning, RunChoice, Runner
from hctap_nlp.extraction import Extraction
from hctap_nlp.extractors import Extractor
from hctap_stores.database import runs
from hctap_stores.database.export import read_entities
from hctap_stores.database.runs import StoredRun
from hctap_stores.lake.lake import Lake

TEXTS = {"a": "Fever and cough.", "b": "Denies chest pain.", "c": "Fever and cough.", "d": "Aspirin 81 mg daily."}


class Renamed:
    """The real extractor under another version: another pipeline."""

    def __init__(self, inner: Extractor, poison: str | None = None) -> None:
        self.name, self.version, self.vocabulary_hash = inner.name, "other", inner.vocabulary_hash
        self.model_hash = inner.model_hash
        self._inner, self._poison = inner, poison

    def extract(self, text: str) -> Extraction:
        if self._poison and self._poison in text:
            raise ValueError(self._poison)
        return self._inner.extract(text)


def bring_in(lake: Lake, texts: dict[str, str]) -> None:
    notes = [note_from_record({"note_id": key, "specialty": "Urology", "text": text}) for key, text in texts.items()]
    records = [SourceRecord(note.note_id, b"", note) for note in notes]
    Intake(lake.raw, IntakeOptions(source="t")).take(records, lambda _: None)


def carry_out(runner: Runner, **choice: Any) -> tuple[StoredRun, Beginning]:
    stored, beginning = runner.choose(RunChoice(**choice))
    return runner.work(stored), beginning


def parts_of(runner: Runner, run_id: str) -> dict[str, bytes]:
    listed = runner.lake.enriched.list(f"entities/run={run_id}/")
    return {item.key: found.data for item in listed if (found := runner.lake.enriched.read(item.key))}


def manifest_at(runner: Runner, key: str) -> Manifest:
    found = runner.lake.enriched.read(key)
    assert found
    return Manifest.model_validate_json(found.data)


def exported(runner: Runner, run_id: str) -> bytes:
    return render_lines(read_entities(runner.database, runs.find_run(runner.database, run_id).run_no, run_id))


def under(run_id: str, other: str, lines: bytes) -> bytes:
    """The lines of a run as if another had written them."""
    return lines.replace(f'"run_id":"{run_id}"'.encode(), f'"run_id":"{other}"'.encode())
