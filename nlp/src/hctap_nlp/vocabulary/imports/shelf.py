"""The imports of a vocabulary folder: for each a card (JSON) and its rows (gzip), the same bytes for the same files."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hctap_core.entities import EntityType
from hctap_core.errors import ExtractorUnavailable, UnsupportedInput
from hctap_nlp.vocabulary.artefact import write
from hctap_nlp.vocabulary.imports.reading import Reading, Rows
from hctap_nlp.vocabulary.rows import CodeRow, Row

_FORMAT = 1
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class Card:
    """What an import is; `hash` is the sha256 of its rows, `left_out` counts unused rows by reason."""

    name: str
    kind: str
    release: str
    licence: str
    hash: str
    rows: int
    forms: int
    codes: dict[str, int]
    left_out: dict[str, int]
    cues: list[dict[str, Any]] = field(default_factory=list)
    clinical_drugs: dict[str, tuple[str, str]] = field(default_factory=dict)
    format: int = _FORMAT

    @property
    def fingerprint(self) -> str:
        """The sha256 of everything in the card."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def name_from(said: str) -> str:
    """A name for an import: lower case letters, digits, dots, hyphens.

    Raises:
        UnsupportedInput: If nothing of what is said can stand in a name.
    """
    name = re.sub(r"[^a-z0-9._-]+", "-", said.lower()).strip("-._")[:40]
    if not _NAME.fullmatch(name):
        raise UnsupportedInput("The import has no name that can be a file's.", remedy="Give one with `--name`.")
    return name


def store(folder: Path, kind: str, reading: Reading, rows: Rows) -> Card:
    """Write the rows and the card of an import; one of the same name is replaced.

    Raises:
        UnsupportedInput: If there is nothing that can be used.
    """
    shelf = _shelf(folder)
    shelf.mkdir(parents=True, exist_ok=True)
    draft = shelf / f".{reading.name}.rows"
    digest, count, forms, codes = hashlib.sha256(), 0, 0, dict[str, int]()
    try:
        with draft.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
            for row in rows:
                line = _line_of(row)
                digest.update(line)
                packed.write(line)
                count += 1
                forms += len(row.forms)
                for code in row.codes:
                    codes[code.system] = codes.get(code.system, 0) + 1
        if not count and not reading.cues:
            reasons = ", ".join(f"{number:,} {reason}" for reason, number in _said(reading).items())
            raise UnsupportedInput(
                f"Nothing in {reading.name} can be used{f' ({reasons})' if reasons else ''}.",
                remedy="docs/vocabulary.md says what is read from each format.",
            )
        card = Card(
            reading.name, kind, reading.release, reading.licence or "not stated", digest.hexdigest(), count, forms,
            dict(sorted(codes.items())), _said(reading), reading.cues, dict(sorted(reading.clinical_drugs.items())),
        )  # fmt: skip
        draft.replace(shelf / f"{card.name}.rows.gz")
        write(shelf / f"{card.name}.json", json.dumps(asdict(card), indent=1, sort_keys=True).encode())
    finally:
        draft.unlink(missing_ok=True)
    return card


def _said(reading: Reading) -> dict[str, int]:
    return {reason: count for reason, count in sorted(reading.left_out.items()) if count}


def read_cards(folder: Path) -> list[Card]:
    """The imports of a folder, by name.

    Raises:
        ExtractorUnavailable: If one is damaged.
    """
    cards = []
    for path in sorted(_shelf(folder).glob("*.json")):
        try:
            card = Card(**json.loads(path.read_bytes()))
        except (ValueError, TypeError):
            raise _damaged(path.stem) from None
        if card.format != _FORMAT or not (path.parent / f"{card.name}.rows.gz").is_file():
            raise _damaged(path.stem)
        cards.append(card)
    return cards


def mark_of(fingerprint: str, cards: Sequence[Card]) -> str:
    """What tells one combination of shipped vocabulary and imports from another."""
    return hashlib.sha256("".join((fingerprint, *(card.fingerprint for card in cards))).encode()).hexdigest()


def read_rows(folder: Path, card: Card) -> Iterator[Row]:
    """The rows of an import.

    Raises:
        ExtractorUnavailable: If they are damaged.
    """
    digest = hashlib.sha256()
    try:
        with gzip.open(_shelf(folder) / f"{card.name}.rows.gz") as lines:
            for line in lines:
                digest.update(line)
                kind, name, forms, codes = json.loads(line)
                yield Row(
                    EntityType(kind), name, tuple(forms), f"import:{card.name}", tuple(CodeRow(*code) for code in codes)
                )
    except (OSError, EOFError, ValueError):
        raise _damaged(card.name) from None
    if digest.hexdigest() != card.hash:
        raise _damaged(card.name)


def remove(folder: Path, name: str) -> None:
    """Take an import away.

    Raises:
        UnsupportedInput: If there is none of that name.
    """
    paths = [_shelf(folder) / f"{name}{ending}" for ending in (".json", ".rows.gz")]
    if not _NAME.fullmatch(name) or not any(path.is_file() for path in paths):
        known = ", ".join(path.stem for path in sorted(_shelf(folder).glob("*.json"))) or "none"
        raise UnsupportedInput(f"There is no import {name!r}.", remedy=f"Imports: {known}.")
    for path in paths:
        path.unlink(missing_ok=True)


def _shelf(folder: Path) -> Path:
    return folder / "imports"


def _line_of(row: Row) -> bytes:
    codes = [[code.system, code.code, code.display, code.release] for code in row.codes]
    return json.dumps([row.type.value, row.name, row.forms, codes], ensure_ascii=False).encode() + b"\n"


def _damaged(name: str) -> ExtractorUnavailable:
    return ExtractorUnavailable(
        f"The import {name} is damaged or of another version.",
        remedy=f"Take it away with `hctap-etl vocabulary remove {name}`, and import it again.",
    )
