"""Texts whose identifiers are marked, out of JSON Lines, as the scoring of the PHI guard wants them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hctap_core.errors import MalformedRecord, UnsupportedInput
from hctap_core.reasons import QuarantineReason
from hctap_nlp.phi.finding import load_finder
from hctap_nlp.phi.scoring import Marked

_ENDINGS: Final = (".jsonl", ".ndjson")


def find_marked_files(path: Path) -> list[Path]:
    """The file itself, or the files of JSON Lines in a folder, by name.

    Raises:
        UnsupportedInput: If there is none.
    """
    files = sorted(file for file in path.iterdir() if file.suffix in _ENDINGS) if path.is_dir() else [path]
    if not files:
        raise UnsupportedInput(f"{path} holds no JSON Lines.", remedy="Give a .jsonl file, or a folder of them.")
    return files


def read_marked(path: Path) -> Iterator[Marked]:
    """The texts of a file, each with what is marked and what the finder finds.

    Each line has `text` and `entities` with `start` (or `begin`), `end` and `label`.

    Raises:
        UnsupportedInput: If the file cannot be read.
        MalformedRecord: For a line that is none of these, by its number.
    """
    finder = load_finder()
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    text, gold = _decode(line, number)
                    yield Marked(text, gold, finder.find(text))
    except OSError as error:
        raise UnsupportedInput(f"{path} cannot be read: {error.strerror}.", remedy="Correct the path.") from None


def _decode(line: bytes, number: int) -> tuple[str, list[tuple[int, int, str]]]:
    try:
        record = json.loads(line)
        text = record["text"]
        gold = [_mark(entity, len(text)) for entity in record["entities"]]
    except (AttributeError, KeyError, TypeError, ValueError):
        detail = f"line {number} needs `text`, and `entities` with `start`, `end` and `label` inside the text"
        raise MalformedRecord(QuarantineReason.SCHEMA, detail) from None
    return text, gold


def _mark(entity: dict[str, Any], length: int) -> tuple[int, int, str]:
    begin, end, label = entity.get("start", entity.get("begin")), entity["end"], entity["label"]
    if not (isinstance(begin, int) and isinstance(end, int) and isinstance(label, str) and 0 <= begin < end <= length):
        raise ValueError
    return begin, end, label
