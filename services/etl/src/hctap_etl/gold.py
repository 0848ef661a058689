"""Gold files, and predictions from a file or from a run, as the evaluation wants them."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hctap_core.differences import describe
from hctap_core.errors import MalformedRecord, UnsupportedInput
from hctap_core.evaluation import evaluate
from hctap_core.gold import GoldNote, read_gold
from hctap_core.golds import EvaluationDetails, EvaluationError
from hctap_core.reasons import QuarantineReason
from hctap_stores.database.connection import Database
from hctap_stores.database.export import read_notes
from hctap_stores.database.runs import StoredRun

Records = dict[str, list[dict[str, Any]]]


def load_gold(path: Path) -> list[GoldNote]:
    """The gold in a file of JSON Lines.

    Raises:
        UnsupportedInput: If it cannot be read, or holds no gold.
        MalformedRecord: For a line that is no gold, by its number.
    """
    gold = read_gold(_lines(path))
    if not gold:
        raise UnsupportedInput(f"{path} holds no gold.", remedy="Give a file with a gold note on each line.")
    return gold


def name_of_gold(path: Path) -> str:
    """The name under which the scores are kept: that of the file, or of its folder if it is just called gold."""
    return path.resolve().parent.name if path.stem == "gold" else path.stem


def score_run(
    database: Database, stored: StoredRun, gold: Sequence[GoldNote]
) -> tuple[dict[str, Any], EvaluationDetails, list[EvaluationError]]:
    """How a run agrees with the gold: scores, details, and where they differ."""
    found = read_notes(database, stored.run_no, stored.run.run_id, [note.note_id for note in gold])
    entities = {note_id: note.entities for note_id, note in found.items()}
    sections = {note_id: note.sections for note_id, note in found.items()}
    return evaluate(gold, entities, sections), *describe(gold, entities)


def score_file(path: Path, gold: Sequence[GoldNote]) -> dict[str, Any]:
    """How predictions in a file agree with the gold: entities one a line, or notes with `id` and `entities`.

    Raises:
        UnsupportedInput: If the file cannot be read.
        MalformedRecord: For a line that is no prediction, by its number.
    """
    entities: Records = defaultdict(list)
    sections: Records = {}
    for number, line in enumerate(_lines(path), start=1):
        if line.strip():
            _add(_decode(line, number), number, entities, sections)
    return evaluate(gold, entities, sections or None)


def _add(record: dict[str, Any], number: int, entities: Records, sections: Records) -> None:
    note_id = record.get("id", record.get("note_id"))
    found = record.get("entities", [record])
    wanted = {"begin", "end", "entity_type"}
    if note_id is None or not isinstance(found, list) or not all(wanted <= set(entity) for entity in found):
        raise MalformedRecord(QuarantineReason.SCHEMA, f"line {number} of the predictions is none")
    entities[str(note_id)] += found
    if "sections" in record:
        sections[str(note_id)] = record["sections"]


def _decode(line: str, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise MalformedRecord(QuarantineReason.NOT_JSON, f"line {number} of the predictions is not a JSON object")
    return record


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8-sig") as stream:
            yield from stream
    except OSError as error:
        raise UnsupportedInput(f"{path} cannot be read: {error.strerror}.", remedy="Correct the path.") from None
    except UnicodeDecodeError:
        raise UnsupportedInput(f"{path} is not UTF-8.", remedy="Save it as UTF-8.") from None
