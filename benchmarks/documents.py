"""Documents with gold in the corpus format, whoever annotated them, and predictions in the platform's records.

A corpus is JSON Lines: `{"id","text","entities":[{"start","end","std","code"?,"negated"?,…}]}`, with `sections`
(`[{"start","end"}]`) where headings are gold and `report` where several lines belong to one document. `std` is the
comparable type: an entity type, DOSE, ROUTE, FREQUENCY, DURATION or TEST_RESULT; null is not scored, `A|B` says that
the corpus does not tell A from B, which are then scored as one. Offsets are code points, end exclusive.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.labels import LabelledText, locate, read_labels
from hctap_core.errors import MalformedRecord, UnsupportedInput
from hctap_core.evaluation import ASSERTIONS
from hctap_core.gold import GoldEntity, GoldNote
from hctap_core.matching import Span
from hctap_core.reasons import QuarantineReason

Flags = frozenset[str]
# The attributes that corpora annotate, and the name that they have there.
COMPARABLE: Final = {
    "STRENGTH": "DOSE",
    "DOSE": "DOSE",
    "ROUTE": "ROUTE",
    "FREQUENCY": "FREQUENCY",
    "DURATION": "DURATION",
    "VALUE": "TEST_RESULT",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of gold; `flags` is None where the gold does not say how it is asserted."""

    begin: int
    end: int
    label: str
    flags: Flags | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its gold; `window` is the part of the text that was annotated, `group` what is drawn together."""

    id: str
    text: str
    mentions: tuple[Mention, ...]
    headings: tuple[tuple[int, int], ...] | None
    group: str
    window: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """A predicted span with its flags, and its codes as (system, code), the best first."""

    begin: int
    end: int
    label: str
    flags: Flags = frozenset()
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a system said of a document."""

    findings: tuple[Finding, ...]
    headings: tuple[tuple[int, int], ...]


def read_corpus(path: Path) -> list[Document]:
    """The documents of a file in the corpus format.

    Raises:
        MalformedRecord: For a line that is none, or whose spans do not fit its text, by its number.
    """
    documents = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    documents.append(_document(json.loads(line)))
                except (ValueError, KeyError, TypeError, AttributeError):
                    detail = f"line {number} of {path.name} is not in the corpus format"
                    raise MalformedRecord(QuarantineReason.SCHEMA, detail) from None
    return documents


def _document(record: Mapping[str, Any]) -> Document:
    text, text_id = record["text"], str(record["id"])
    mentions = tuple(_mentions(record.get("entities") or (), len(text)))
    sections = record.get("sections")
    headings = None if sections is None else tuple((s["start"], s["end"]) for s in sections)
    return Document(text_id, text, mentions, headings, str(record.get("report") or text_id), (0, len(text)))


def _mentions(entities: Any, size: int) -> Iterator[Mention]:  # noqa: ANN401 - decoded JSON
    for entity in entities:
        begin, end, label = entity["start"], entity["end"], entity.get("std")
        if not 0 <= begin < end <= size:
            raise ValueError("a span is outside the text")
        if label:
            flags = frozenset(name for name in ASSERTIONS if entity.get(name)) if "negated" in entity else None
            yield Mention(begin, end, label, flags, (entity["code"],) if entity.get("code") else ())


def document_of(labels: LabelledText, texts: Mapping[str, str]) -> Document | None:
    """The document of labels by offset, in its note; None where the text is not at hand."""
    place = locate(labels, texts)
    if place is None:
        return None
    text, shift = place
    mentions = []
    for entity in labels.entities:
        flags = None if labels.only else frozenset(name for name in ASSERTIONS if getattr(entity.assertion, name))
        label = entity.entity_type.value
        mentions.append(Mention(entity.begin + shift, entity.end + shift, label, flags, entity.codes))
        mentions += [
            Mention(part.begin + shift, part.end + shift, COMPARABLE[part.type.value])
            for part in entity.attributes
            if part.type.value in COMPARABLE
        ]
    return Document(labels.id, text, tuple(mentions), None, labels.id, (shift, shift + labels.characters))


def read_labelled(path: Path, texts: Mapping[str, str]) -> tuple[list[Document], int]:
    """The documents of a label file whose texts are at hand, and how many texts are missing."""
    found = [document_of(labels, texts) for labels in read_labels(path)]
    return [document for document in found if document is not None], found.count(None)


def document_of_note(text: str, gold: GoldNote) -> Document:
    """A note of the samples as a document."""
    mentions = [mention for entity in gold.entities for mention in _sample_mentions(entity)]
    headings = None if gold.sections is None else tuple((s.begin, s.end) for s in gold.sections)
    return Document(gold.note_id, text, tuple(mentions), headings, gold.note_id, (0, len(text)))


def _sample_mentions(entity: GoldEntity) -> Iterator[Mention]:
    flags = None
    if entity.assertion is not None:
        flags = frozenset(name for name in ASSERTIONS if getattr(entity.assertion, name))
    codes = tuple(f"{code.system.value}:{code.code}" for code in entity.codes)
    yield Mention(entity.begin, entity.end, entity.entity_type.value, flags, codes)
    for part in entity.attributes:
        if part.type.value in COMPARABLE:
            yield Mention(part.begin, part.end, COMPARABLE[part.type.value])


def reading_of(record: Mapping[str, Any], window: tuple[int, int] | None = None) -> Reading:
    """A record of `hctap-etl extract`, or of a peer, as a reading; with `window` only what touches that part."""
    findings = []
    for entity in record.get("entities") or ():
        given = entity.get("assertion") or {}
        flags = frozenset(name for name in ASSERTIONS if given.get(name))
        codes = tuple((str(code["system"]), str(code["code"])) for code in entity.get("codes") or ())
        findings.append(Finding(entity["begin"], entity["end"], str(entity["entity_type"]), flags, codes))
        findings += [
            Finding(part["begin"], part["end"], COMPARABLE[part["type"]])
            for part in entity.get("attributes") or ()
            if part["type"] in COMPARABLE and part.get("begin") is not None
        ]
    headings = tuple((section["begin"], section["end"]) for section in record.get("sections") or ())
    if window is not None:
        findings = [one for one in findings if one.begin < window[1] and one.end > window[0]]
    return Reading(tuple(findings), headings)


def spans_of(document: Document) -> list[Span]:
    """The spans to be given to a reader of given spans: those whose assertion or code is gold, each once."""
    wanted = {(m.begin, m.end, m.label) for m in document.mentions if m.label and (m.flags is not None or m.codes)}
    return [Span(*one) for one in sorted(wanted)]


def read_texts(folder: Path, wanted: frozenset[str]) -> dict[str, str]:
    """The texts with the wanted ids in the JSON Lines files of a folder and its subfolders.

    Raises:
        UnsupportedInput: Where the folder is none.
    """
    if not folder.is_dir():
        raise UnsupportedInput(f"{folder} is no folder.", remedy="Give the folder with the corpora.")
    texts: dict[str, str] = {}
    for path in sorted(folder.rglob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                text_id = str(record.get("id", record.get("note_id")))
                if text_id in wanted and isinstance(record.get("text"), str):
                    texts.setdefault(text_id, record["text"])
    return texts
