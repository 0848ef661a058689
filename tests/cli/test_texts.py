import io
import json
from pathlib import Path

import pytest

from hctap_cli.texts import Text, extract_record, has_lines, read_texts
from hctap_core.errors import MalformedRecord, UnsupportedInput
from hctap_core.notes import MAX_NOTE_BYTES
from hctap_nlp.extractors import SpanReader


def _read(source: Path | str, stdin: bytes = b"") -> list[Text | str]:
    texts = read_texts(str(source), io.BytesIO(stdin))
    return [item.message if isinstance(item, MalformedRecord) else item for item in texts]


def test_a_file_is_one_text(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_bytes(b"\xef\xbb\xbfFever\r\n")
    assert _read(tmp_path / "note.txt") == [Text("note", "Fever\r\n")]


def test_standard_input_is_one_text() -> None:
    assert _read("-", "Fièvre".encode()) == [Text("-", "Fièvre")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty_text"),
        (b"caf\xe9", "not_utf8: byte 3"),
        (b"x" * (MAX_NOTE_BYTES + 1), "too_large"),
        (b"x" * (MAX_NOTE_BYTES * 3), "too_large"),
    ],
)
def test_a_text_that_cannot_be_used(data: bytes, said: str) -> None:
    (message,) = _read("-", data)
    assert str(message).startswith(said)


def test_the_largest_text_is_used() -> None:
    assert _read("-", b"\xef\xbb\xbf" + b"x" * MAX_NOTE_BYTES) == [Text("-", "x" * MAX_NOTE_BYTES)]


def test_lines_that_cannot_be_used_are_numbered(tmp_path: Path) -> None:
    lines = [
        b'{"id": "a", "text": "Fever", "more": 1}',
        b'{"note_id": "b", "text": "Cough"}',
        b'{"id": 7, "text": "Gout"}',
        b"",
        b"nonsense",
        b"[1]",
        b'{"id": "c"}',
        b'{"id": "d", "text": ""}',
        b'{"id": "e", "text": "a\\ud800b"}',
        b'{"id": "\xff"}',
        b'{"text": "Pain"}',
    ]
    (tmp_path / "t.jsonl").write_bytes(b"\n".join(lines))
    assert _read(tmp_path / "t.jsonl") == [
        Text("a", "Fever"),
        Text("b", "Cough"),
        Text("7", "Gout"),
        "not_json: line 5: the line is not JSON",
        "not_json: line 6: the line is not a JSON object",
        "schema: line 7: the line needs `id` and `text`",
        "empty_text: line 8: the text is empty",
        "invalid_text: line 9: lone surrogates in the text",
        "not_utf8: line 10: the line is not UTF-8",
        Text("11", "Pain"),
    ]


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedInput, match="cannot be read"):
        _read(tmp_path / "none.txt")


@pytest.mark.parametrize(("source", "is_so"), [("a.jsonl", True), ("a.ndjson", True), ("a.txt", False), ("-", False)])
def test_lines_are_known_by_the_name(source: str, is_so: bool) -> None:  # noqa: FBT001 - a column
    assert has_lines(source) is is_so


def test_a_record_has_what_an_evaluation_needs(extractor: SpanReader) -> None:
    record = extract_record(extractor, Text("a", "MEDICATIONS: aspirin 81 mg daily"))
    (aspirin,) = [entity for entity in record["entities"] if entity["text"] == "aspirin"]
    assert set(record) == {"id", "entities", "sections"}
    assert not {"note_id", "run_id"} & set(aspirin)
    assert (aspirin["begin"], aspirin["end"], aspirin["entity_type"]) == (13, 20, "MEDICATION")
    assert {"assertion", "codes", "attributes", "section", "norm_text", "score", "provenance"} <= set(aspirin)
    assert json.dumps(record)
