"""What was found in notes, as the rows that COPY loads: plain bytes that another process may have rendered."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hctap_core.reasons import QuarantineReason

ASSERTIONS: Final = ("negated", "uncertain", "historical", "hypothetical", "family")
_SPAN: Final = ("begin_offset", "end_offset")
_PLACE: Final = ("run_no", "note_no", "ordinal")
# The tables in the order in which `Rows.tables` holds their blocks.
TABLES: Final = {
    "entities": (
        *_PLACE, "entity_type", "text", "norm_text", *_SPAN, "score", "section", *ASSERTIONS, "provenance",
    ),
    "entity_codes": (*_PLACE, "rank", "system", "code", "display", "score", "release"),
    "entity_attributes": (*_PLACE, "position", "type", "text", *_SPAN, "norm"),
    "run_sections": (*_PLACE, *_SPAN, "header", "type"),
}  # fmt: skip
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SPECIAL: Final = re.compile(r"[\\\t\n\r]")
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class LedgerNote:
    """A note that a run has to work on."""

    object_key: str
    note_no: int
    note_id: str
    text: str


@dataclass(frozen=True, slots=True)
class NoteResult:
    """What was found in a note, as records of the contract; or what prevented it, and for which reason.

    `surrogate` is the record of the text that the offsets refer to, where it is not the note's; `measures` are counts.
    """

    note: LedgerNote
    entities: Sequence[Mapping[str, Any]]
    sections: Sequence[Mapping[str, Any]]
    duration_us: int
    failure: str | None = None
    reason: QuarantineReason = QuarantineReason.EXTRACTION_FAILED
    surrogate: Mapping[str, Any] | None = None
    measures: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What the ledger says of a note that was worked on."""

    object_key: str
    failure: str | None
    entity_count: int
    duration_us: int
    reason: QuarantineReason = QuarantineReason.EXTRACTION_FAILED
    surrogate_sha256: str | None = None
    measures: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The results of some notes of a run: their entries in the ledger, and a block of rows for each of `TABLES`.

    `terms` counts the entities of each type and normal form; `surrogates` are texts by their sha256.
    """

    ledger: tuple[LedgerEntry, ...]
    tables: tuple[bytes, ...]
    terms: Mapping[tuple[str, str], int]
    surrogates: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_type(self) -> dict[str, int]:
        """How many entities of each type there are."""
        counts: Counter[str] = Counter()
        for (entity_type, _), count in self.terms.items():
            counts[entity_type] += count
        return dict(sorted(counts.items()))


def render_rows(run_no: int, results: Sequence[NoteResult]) -> Rows:
    """The rows of results, in PostgreSQL's text format."""
    place = f"{run_no}\t"
    blocks = (_entities(place, results), _codes(place, results), _attributes(place, results), _sections(place, results))
    return Rows(
        tuple(_entry(result) for result in results),
        tuple("".join(block).encode() for block in blocks),
        Counter((entity["entity_type"], entity["norm_text"]) for result in results for entity in result.entities),
        {r.surrogate["content_sha256"]: r.surrogate["text"] for r in results if r.surrogate is not None},
    )


def _entry(result: NoteResult) -> LedgerEntry:
    return LedgerEntry(
        result.note.object_key,
        result.failure,
        len(result.entities),
        result.duration_us,
        result.reason,
        None if result.surrogate is None else result.surrogate["content_sha256"],
        None if result.measures is None else _ENCODE(result.measures),
    )


def join_rows(several: Iterable[Rows]) -> Rows:
    """The rows of several results as those of one, in the order given."""
    parts = list(several)
    tables = (b"".join(part.tables[number] for part in parts) for number in range(len(TABLES)))
    terms: Counter[tuple[str, str]] = Counter()
    for part in parts:
        terms.update(part.terms)
    surrogates = {sha256: text for part in parts for sha256, text in part.surrogates.items()}
    return Rows(tuple(entry for part in parts for entry in part.ledger), tuple(tables), terms, surrogates)


def _entities(place: str, results: Sequence[NoteResult]) -> Iterator[str]:
    for key, entity in _numbered(place, results):
        said = entity["assertion"]
        flags = "\t".join(["t" if said[name] else "f" for name in ASSERTIONS])
        yield (
            f"{key}\t{entity['entity_type']}\t{_escaped(entity['text'])}\t{_escaped(entity['norm_text'])}\t"
            f"{entity['begin']}\t{entity['end']}\t{entity['score']}\t{_escaped(entity['section'])}\t{flags}\t"
            f"{_escaped(_ENCODE(entity['provenance']))}\n"
        )


def _codes(place: str, results: Sequence[NoteResult]) -> Iterator[str]:
    for key, entity in _numbered(place, results):
        for rank, code in enumerate(entity["codes"]):
            yield (
                f"{key}\t{rank}\t{_escaped(code['system'])}\t{_escaped(code['code'])}\t{_escaped(code['display'])}\t"
                f"{code['score']}\t{_escaped(code['release'])}\n"
            )


def _attributes(place: str, results: Sequence[NoteResult]) -> Iterator[str]:
    for key, entity in _numbered(place, results):
        for position, part in enumerate(entity["attributes"]):
            norm = part["norm"]
            yield (
                f"{key}\t{position}\t{_escaped(part['type'])}\t{_escaped(part['text'])}\t{part['begin']}\t"
                f"{part['end']}\t{chr(92) + 'N' if norm is None else _escaped(norm)}\n"
            )


def _sections(place: str, results: Sequence[NoteResult]) -> Iterator[str]:
    for result in results:
        for ordinal, section in enumerate(result.sections):
            yield (
                f"{place}{result.note.note_no}\t{ordinal}\t{section['begin']}\t{section['end']}\t"
                f"{_escaped(section['header'])}\t{_escaped(section['type'])}\n"
            )


def _numbered(place: str, results: Sequence[NoteResult]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for result in results:
        for ordinal, entity in enumerate(result.entities):
            yield f"{place}{result.note.note_no}\t{ordinal}", entity


def _escaped(value: str) -> str:
    return value.translate(_ESCAPES) if _SPECIAL.search(value) else value
