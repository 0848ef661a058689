"""Marked notes: the form in which the samples' gold is written and reviewed, note and answer in one file.

A file begins with a block of `key: value` lines between two lines of `---` (the note's fields but the text). The
rest is the note's text with marks: `[[surface||TYPE flag key=value "key=with space"]]`. TYPE is an entity type, an
attribute type (with `of=` the id of its entity) or SECTION (with `type=`). Flags are the assertion attributes.
Keys of an entity: `id`, `icd` (ICD-10-CM), `hpo`; of an attribute: `of`, `norm`. A value with a `]` needs the quotes.
"""

import re
import shlex
from typing import Any, NamedTuple

from hctap_core.entities import AttributeType, CodeSystem, EntityType
from hctap_core.errors import MalformedRecord
from hctap_core.gold import GoldNote
from hctap_core.notes import Note, note_from_record
from hctap_core.reasons import QuarantineReason

_MARK = re.compile(r"""\[\[(?P<surface>(?:(?!\[\[|\|\|).)+?)\|\|(?P<facts>(?:"[^"]*"|[^\]"])*)\]\]""", re.DOTALL)
_FLAGS = frozenset({"negated", "uncertain", "historical", "hypothetical", "family"})
_CODE_KEYS = {"icd": CodeSystem.ICD_10_CM, "hpo": CodeSystem.HPO}


class _Mark(NamedTuple):
    begin: int
    end: int
    kind: str
    flags: frozenset[str]
    values: dict[str, str]


def read_marked(content: str) -> tuple[Note, GoldNote]:
    """The note and its gold in a marked file's content.

    Raises:
        MalformedRecord: Where the front matter or a mark cannot be understood; says which, without the text.
    """
    front, text = _split(content)
    plain, marks = _unmark(text, str(front.get("note_id")))
    note = note_from_record({**front, "text": plain})
    return note, _gold_of(note, marks)


def _split(content: str) -> tuple[dict[str, Any], str]:
    head, mark, text = content.removeprefix("---").partition("\n---")
    if not mark or not content.startswith("---"):
        raise MalformedRecord(QuarantineReason.SCHEMA, "no block of fields between two lines of ---")
    text = text.lstrip("\r").removeprefix("\n")
    fields = (line.partition(":") for line in head.splitlines() if line.strip())
    return {key.strip(): value.strip() for key, _, value in fields}, text.removesuffix("\n").removesuffix("\r")


def _unmark(text: str, note_id: str) -> tuple[str, list[_Mark]]:
    pieces: list[str] = []
    marks: list[_Mark] = []
    at = length = 0
    for found in _MARK.finditer(text):
        before = text[at : found.start()]
        length += len(before)
        marks.append(_mark(found, length, note_id, len(marks) + 1))
        pieces += [before, found["surface"]]
        length += len(found["surface"])
        at = found.end()
    plain = "".join((*pieces, text[at:]))
    if "[[" in plain or "||" in plain:
        raise MalformedRecord(QuarantineReason.SCHEMA, "a mark is not closed", note_id=note_id)
    return plain, marks


def _mark(found: re.Match[str], begin: int, note_id: str, number: int) -> _Mark:
    kind, *facts = shlex.split(found["facts"])
    values = dict(fact.split("=", 1) for fact in facts if "=" in fact)
    flags = frozenset(fact for fact in facts if "=" not in fact)
    if flags - _FLAGS or kind not in {*EntityType, *AttributeType, "SECTION"}:
        raise MalformedRecord(QuarantineReason.SCHEMA, f"mark {number} has an unknown type or flag", note_id=note_id)
    return _Mark(begin, begin + len(found["surface"]), kind, flags, values)


def _gold_of(note: Note, marks: list[_Mark]) -> GoldNote:
    entities: list[dict[str, Any]] = []
    by_id: dict[str, dict[str, Any]] = {}
    for mark in marks:
        if mark.kind in set(EntityType):
            entity = _entity(note, mark)
            entities.append(entity)
            if "id" in mark.values:
                by_id[mark.values["id"]] = entity
    for mark in marks:
        if mark.kind in set(AttributeType):
            owner = by_id.get(mark.values.get("of", ""))
            if owner is None:
                raise MalformedRecord(QuarantineReason.SCHEMA, "an attribute's of= names no id", note_id=note.note_id)
            span = {"text": note.text[mark.begin : mark.end], "begin": mark.begin, "end": mark.end}
            owner["attributes"].append({"type": mark.kind, "norm": mark.values.get("norm"), **span})
    return GoldNote.model_validate({"note_id": note.note_id, "entities": entities, "sections": _sections(note, marks)})


def _entity(note: Note, mark: _Mark) -> dict[str, Any]:
    return {
        "entity_type": mark.kind,
        "text": note.text[mark.begin : mark.end],
        "begin": mark.begin,
        "end": mark.end,
        "assertion": {flag: flag in mark.flags for flag in sorted(_FLAGS)},
        "codes": [{"system": s, "code": mark.values[key]} for key, s in _CODE_KEYS.items() if key in mark.values],
        "attributes": [],
    }


def _sections(note: Note, marks: list[_Mark]) -> list[dict[str, Any]]:
    heads = [mark for mark in marks if mark.kind == "SECTION"]
    ends = [*(mark.begin for mark in heads[1:]), len(note.text)][: len(heads)]
    return [
        {"begin": m.begin, "end": end, "header": note.text[m.begin : m.end], "type": m.values.get("type", "other")}
        for m, end in zip(heads, ends, strict=True)
    ]
