"""What the systems are asked about: the samples and the suite, as documents."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.documents import Document, document_of_note
from hctap_core.entities import EntityType
from hctap_core.gold import read_gold
from hctap_nlp.suite.sentences import Sentence, read_suite

PARTS: Final = ("test", "dev")
_ENTITY_TYPES: Final = frozenset(EntityType)


@dataclass(frozen=True, slots=True)
class Materials:
    """The notes and the sentences by part, `test` (frozen) and `dev` (tuned on)."""

    notes: dict[str, list[Document]]
    sentences: dict[str, list[Sentence]]

    def all_notes(self) -> list[Document]:
        """The notes of both parts."""
        return [note for part in PARTS for note in self.notes[part]]

    def all_sentences(self) -> list[Document]:
        """The sentences of both parts as documents."""
        return [document_of_sentence(one) for part in PARTS for one in self.sentences[part]]


def load_materials(root: Path, *, notes: int | None = None, sentences: int | None = None) -> Materials:
    """The samples and the suite of a checkout; with numbers only so many of each part."""
    suite = [
        sentence
        for path in sorted((root / "samples" / "suite").glob("*.yaml"))
        for sentence in read_suite(path.read_text(encoding="utf-8"))
    ]
    return Materials(
        {part: load_notes(root / "samples" / part)[:notes] for part in PARTS},
        {part: [one for one in suite if one.part == part][:sentences] for part in PARTS},
    )


def load_notes(folder: Path) -> list[Document]:
    """The notes of a folder of samples with their gold."""
    lines = (folder / "notes.jsonl").read_text(encoding="utf-8").splitlines()
    texts = {record["note_id"]: record["text"] for record in map(json.loads, lines)}
    gold = read_gold((folder / "gold.jsonl").read_text(encoding="utf-8").splitlines())
    return [document_of_note(texts[note.note_id], note) for note in gold if note.note_id in texts]


def document_of_sentence(sentence: Sentence) -> Document:
    """A sentence of the suite as a document."""
    return document_of_note(sentence.text, sentence.gold)


def entities_only(document: Document) -> Document:
    """A document without the attributes in its gold."""
    return replace(document, mentions=tuple(m for m in document.mentions if m.label in _ENTITY_TYPES))


def attributes_only(document: Document) -> Document:
    """A document without the entities in its gold."""
    return replace(document, mentions=tuple(m for m in document.mentions if m.label not in _ENTITY_TYPES))
