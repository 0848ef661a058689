"""What was found in notes, as the rows that COPY loads: plain bytes that another process may have rendered."""

import hashlib
import json
import struct
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple

from hctap_core.code_reasons import is_of_vocabulary
from hctap_core.reasons import QuarantineReason

ASSERTIONS: Final = ("negated", "uncertain", "historical", "hypothetical", "family")
_SPAN: Final = ("begin_offset", "end_offset")
_PLACE: Final = ("run_no", "note_no", "ordinal")
# The tables in the order in which `Rows.tables` holds their blocks.
TABLES: Final = {
    # First what is the entity's own, then what is said of its term, and then what of other entities too.
    "entities": (
        *_PLACE, "text", *_SPAN, "entity_type", "norm_text", "codes_no", "term_no", "provenance_no", "score", "section",
        *ASSERTIONS, "cues",
    ),
    "entity_attributes": (*_PLACE, "position", "type", "text", *_SPAN, "norm"),
    "run_sections": (*_PLACE, *_SPAN, "header", "type"),
    "entity_counts": (
        "run_no", "note_no", "entity_type", "entities", "affirmed", *ASSERTIONS, "coded", "measured",
    ),
}  # fmt: skip
# Rows or lines as they are loaded or written: whoever receives them from another process reads them into one buffer.
Block = bytes | bytearray | memoryview
# Attributes that say how much: an entity that has one counts as measured.
AMOUNTS: Final = frozenset({"STRENGTH", "DOSE", "VALUE"})
# What a note's entities of a type add up to: one number, with 32 bits for each column of `entity_counts`.
Tally = dict[str, int]
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_COUNTS: Final = struct.Struct(f"<{len(TABLES['entity_counts']) - 3}I")
# What an entity adds that has a code, and one that has an amount: the last two columns.
CODED: Final = 1 << 8 * (_COUNTS.size - 8)
MEASURED: Final = 1 << 8 * (_COUNTS.size - 4)
_POSITIVE: Final = (1 << 63) - 1
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Term(NamedTuple):
    """What entities of one type, normal form and list of codes have in common, with its number."""

    term_no: int
    entity_type: str
    norm_text: str
    codes_no: int


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

    `terms` counts the entities of each term; `provenances` and `code_lists` are the records, by their numbers, that the
    entities name; `surrogates` are texts by their sha256.
    """

    ledger: tuple[LedgerEntry, ...]
    tables: tuple[Block, ...]
    terms: Mapping[Term, int]
    provenances: Mapping[int, str] = field(default_factory=dict)
    surrogates: Mapping[str, str] = field(default_factory=dict)
    code_lists: Mapping[int, str] = field(default_factory=dict)

    @property
    def by_type(self) -> dict[str, int]:
        """How many entities of each type there are."""
        counts: Counter[str] = Counter()
        for term, count in self.terms.items():
            counts[term.entity_type] += count
        return dict(sorted(counts.items()))


def render_rows(run_no: int, results: Sequence[NoteResult]) -> Rows:
    """The rows of results, in PostgreSQL's text format."""
    place = f"{run_no}\t"
    blocks = (
        _entities(place, results),
        _attributes(place, results),
        _sections(place, results),
        _counts(place, results),
    )
    entities = [entity for result in results for entity in result.entities]
    return Rows(
        tuple(_entry(result) for result in results),
        tuple("".join(block).encode() for block in blocks),
        Counter(_term(entity) for entity in entities),
        dict(intern_provenance(_origin(entity)) for entity in entities),
        {r.surrogate["content_sha256"]: r.surrogate["text"] for r in results if r.surrogate is not None},
        dict(_interned_codes(entity) for entity in entities),
    )


def _entry(result: NoteResult) -> LedgerEntry:
    return LedgerEntry(
        result.note.object_key,
        result.failure,
        len(result.entities),
        result.duration_us,
        result.reason,
        None if result.surrogate is None else result.surrogate["content_sha256"],
        encode_measures(result.measures),
    )


def encode_measures(measures: Mapping[str, Any] | None) -> str | None:
    """What a note measured, as the ledger keeps it."""
    return _ENCODE(measures) if measures else None


def join_rows(several: Iterable[Rows]) -> Rows:
    """The rows of several results as those of one, in the order given."""
    parts = list(several)
    tables = (b"".join(part.tables[number] for part in parts) for number in range(len(TABLES)))
    terms: Counter[Term] = Counter()
    for part in parts:
        terms.update(part.terms)
    provenances = {number: record for part in parts for number, record in part.provenances.items()}
    surrogates = {sha256: text for part in parts for sha256, text in part.surrogates.items()}
    code_lists = {number: record for part in parts for number, record in part.code_lists.items()}
    ledger = tuple(entry for part in parts for entry in part.ledger)
    return Rows(ledger, tuple(tables), terms, provenances, surrogates, code_lists)


def intern_provenance(record: Mapping[str, Any]) -> tuple[int, str]:
    """The number and the JSON of where entities come from: the same record has the same number in every run.

    64 bits of BLAKE2b: among a million different records, two have the same number with a chance of 3 in 10^8.
    """
    encoded = _ENCODE(record)
    return _number_of(encoded), encoded


def intern_codes(encoded: str, reasons: Iterable[str]) -> int:
    """The number of a list of codes by its JSON: negative where a reason may say words of a note."""
    number = _number_of(encoded) & _POSITIVE
    return number if all(map(is_of_vocabulary, reasons)) else ~number


def number_term(entity_type: str, norm_text: str, codes_no: int) -> Term:
    """A term with its number, which is the same in every run: 64 bits of SHA-256, which PostgreSQL has as well."""
    digest = hashlib.sha256(f"{entity_type}\n{norm_text}\n{codes_no}".encode()).digest()
    return Term(int.from_bytes(digest[:8], "big", signed=True), entity_type, norm_text, codes_no)


def _number_of(encoded: str) -> int:
    return int.from_bytes(hashlib.blake2b(encoded.encode(), digest_size=8).digest(), "big", signed=True)


def tally_rows(place: str, tally: Tally) -> list[str]:
    """The rows of a note's counts by type, behind the number of its run and its own."""
    return [f"{place}{entity_type}\t{_counts_of(count)}\n" for entity_type, count in sorted(tally.items())]


@cache
def weigh(flags: tuple[bool, ...]) -> int:
    """What an entity with these flags, in the order of `ASSERTIONS`, adds to a tally beside `CODED` and `MEASURED`."""
    return int.from_bytes(_COUNTS.pack(1, not any(flags), *flags, 0, 0), "little")


def _counts_of(count: int) -> str:
    return _columns(_COUNTS.unpack(count.to_bytes(_COUNTS.size, "little")))


def escape(value: str) -> str:
    """A value as it stands in PostgreSQL's text format."""
    return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)


def _columns(counts: Iterable[int]) -> str:
    return "\t".join(map(str, counts))


def _counts(place: str, results: Sequence[NoteResult]) -> Iterator[str]:
    for result in results:
        tally: Tally = defaultdict(int)
        for entity in result.entities:
            flags = tuple(bool(entity["assertion"][name]) for name in ASSERTIONS)
            is_measured = any(part["type"] in AMOUNTS for part in entity["attributes"])
            more = (CODED if entity["codes"] else 0) + (MEASURED if is_measured else 0)
            tally[entity["entity_type"]] += weigh(flags) + more
        yield from tally_rows(f"{place}{result.note.note_no}\t", tally)


def _origin(entity: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entity["provenance"].items() if name != "cues"}


def _interned_codes(entity: Mapping[str, Any]) -> tuple[int, str]:
    encoded = _ENCODE(entity["codes"])
    return intern_codes(encoded, [code.get("reason", "") for code in entity["codes"]]), encoded


def _term(entity: Mapping[str, Any]) -> Term:
    return number_term(entity["entity_type"], entity["norm_text"], _interned_codes(entity)[0])


def _entities(place: str, results: Sequence[NoteResult]) -> Iterator[str]:
    for key, entity in _numbered(place, results):
        said = entity["assertion"]
        flags = "\t".join(["t" if said[name] else "f" for name in ASSERTIONS])
        number, _ = intern_provenance(_origin(entity))
        term = _term(entity)
        cues = entity["provenance"]["cues"]
        yield (
            f"{key}\t{escape(entity['text'])}\t{entity['begin']}\t{entity['end']}\t{entity['entity_type']}\t"
            f"{escape(entity['norm_text'])}\t{term.codes_no}\t{term.term_no}\t{number}\t"
            f"{entity['score']}\t{escape(entity['section'])}\t{flags}\t"
            f"{escape(_ENCODE(cues)) if cues else chr(92) + 'N'}\n"
        )


def _attributes(place: str, results: Sequence[NoteResult]) -> Iterator[str]:
    for key, entity in _numbered(place, results):
        for position, part in enumerate(entity["attributes"]):
            norm = part["norm"]
            yield (
                f"{key}\t{position}\t{escape(part['type'])}\t{escape(part['text'])}\t{part['begin']}\t"
                f"{part['end']}\t{chr(92) + 'N' if norm is None else escape(norm)}\n"
            )


def _sections(place: str, results: Sequence[NoteResult]) -> Iterator[str]:
    for result in results:
        for ordinal, section in enumerate(result.sections):
            yield (
                f"{place}{result.note.note_no}\t{ordinal}\t{section['begin']}\t{section['end']}\t"
                f"{escape(section['header'])}\t{escape(section['type'])}\n"
            )


def _numbered(place: str, results: Sequence[NoteResult]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for result in results:
        for ordinal, entity in enumerate(result.entities):
            yield f"{place}{result.note.note_no}\t{ordinal}", entity


def read_codes(codes: Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Codes as their run wrote them: scores as they were, and no reason where an older program gave none."""
    return [
        {name: value for name, value in code.items() if name != "reason" or value} | {"score": float(code["score"])}
        for code in codes or ()
    ]
