"""Texts through an extractor without any store: lines in, lines out."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from hctap_core.entities import EntityType
from hctap_core.errors import MalformedRecord, UnsupportedInput
from hctap_core.notes import MAX_NOTE_BYTES
from hctap_core.reasons import QuarantineReason
from hctap_nlp.extraction import ScoredSpan
from hctap_nlp.extractors import SpanReader

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LINES: Final = (".jsonl", ".ndjson")
# One byte more than a note may have, and the three of UTF-8's mark, are enough to know that a text is too large.
_ENOUGH: Final = MAX_NOTE_BYTES + 4


@dataclass(frozen=True, slots=True)
class Text:
    """A text with the id under which its results are given."""

    id: str
    text: str
    spans: tuple[ScoredSpan, ...] | None = None


def has_lines(source: str) -> bool:
    """Whether a source holds a text on each line, by its name."""
    return source.endswith(_LINES)


def read_texts(source: str, stdin: BinaryIO, *, with_spans: bool = False) -> Iterator[Text | MalformedRecord]:
    """The texts of a file, or of standard input for `-`; what is none, as the reason why.

    `with_spans`: each line also gives `entities` with `start` (or `begin`), `end` and `label`, to be read as they are.

    Raises:
        UnsupportedInput: If the file cannot be read.
    """
    if source == "-":
        yield _text_from_bytes("-", stdin.read(_ENOUGH))
        return
    try:
        with Path(source).open("rb") as stream:
            if has_lines(source):
                yield from _texts_from_lines(stream, with_spans=with_spans)
            else:
                yield _text_from_bytes(Path(source).stem, stream.read(_ENOUGH))
    except OSError as error:
        raise UnsupportedInput(f"{source} cannot be read: {error.strerror}.", remedy="Correct the path.") from None


def extract_record(extractor: SpanReader, text: Text) -> dict[str, Any]:
    """What the extractor finds in a text, or says of the spans that are given with it, as one record."""
    given = text.spans
    extraction = extractor.extract(text.text) if given is None else extractor.extract_given(text.text, given)
    return extraction.record(text.id)


def _text_from_bytes(text_id: str, data: bytes) -> Text | MalformedRecord:
    try:
        return _checked(text_id, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return MalformedRecord(QuarantineReason.NOT_UTF8, f"byte {error.start}")
    except MalformedRecord as fault:
        return fault


def _texts_from_lines(lines: Iterable[bytes], *, with_spans: bool) -> Iterator[Text | MalformedRecord]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _text_from_line(line, number, with_spans=with_spans)
            except MalformedRecord as fault:
                yield MalformedRecord(fault.reason, f"line {number}: {fault.detail}", note_id=fault.note_id)


def _text_from_line(line: bytes, number: int, *, with_spans: bool) -> Text:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise MalformedRecord(QuarantineReason.NOT_UTF8, "the line is not UTF-8") from None
    except (ValueError, RecursionError):
        raise MalformedRecord(QuarantineReason.NOT_JSON, "the line is not JSON") from None
    if not isinstance(record, dict):
        raise MalformedRecord(QuarantineReason.NOT_JSON, "the line is not a JSON object")
    text_id, text = record.get("id", record.get("note_id", number)), record.get("text")
    if not isinstance(text, str) or not isinstance(text_id, str | int):
        raise MalformedRecord(QuarantineReason.SCHEMA, "the line needs `id` and `text`")
    checked = _checked(str(text_id), text)
    return replace(checked, spans=_spans_of(record, text)) if with_spans else checked


def _spans_of(record: dict[str, Any], text: str) -> tuple[ScoredSpan, ...]:
    spans = []
    for entity in record.get("entities") or ():
        try:
            begin, end = int(entity.get("begin", entity.get("start"))), int(entity["end"])
            label = EntityType(entity.get("label", entity.get("entity_type")))
        except (AttributeError, KeyError, TypeError, ValueError):
            raise MalformedRecord(
                QuarantineReason.SCHEMA, "an entity needs `start`, `end` and as `label` one of the entity types"
            ) from None
        if not 0 <= begin < end <= len(text):
            raise MalformedRecord(QuarantineReason.SCHEMA, f"the span {begin}:{end} is outside the text")
        spans.append(ScoredSpan(begin, end, label.value, 1.0))
    return tuple(spans)


def _checked(text_id: str, text: str) -> Text:
    if not text.strip():
        raise MalformedRecord(QuarantineReason.EMPTY_TEXT, "the text is empty")
    if _SURROGATE.search(text_id) or _SURROGATE.search(text):
        raise MalformedRecord(QuarantineReason.INVALID_TEXT, "lone surrogates in the text")
    if (size := len(text.encode())) > MAX_NOTE_BYTES:
        raise MalformedRecord(QuarantineReason.TOO_LARGE, f"{size} bytes of text")
    return Text(text_id, text)
